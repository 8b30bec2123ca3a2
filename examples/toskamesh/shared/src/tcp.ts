import { connect } from 'node:net';

/** Opens and closes a TCP connection; tells which of this machine's addresses it went out from. */
export function tcpReach(host: string, port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection to ${host}:${port} within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      const { localAddress: from = '127.0.0.1', localPort, remoteAddress, remotePort } = socket;
      socket.destroy();
      // Where nobody listens on a port that the kernel also gives to clients, a connection can meet itself.
      if (from === remoteAddress && localPort === remotePort) {
        reject(new Error(`ECONNREFUSED ${host}:${port}`));
        return;
      }
      resolve(from.replace(/^::ffff:/, ''));
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
