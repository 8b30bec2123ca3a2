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
      const from = socket.localAddress ?? '127.0.0.1';
      socket.destroy();
      resolve(from.replace(/^::ffff:/, ''));
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
