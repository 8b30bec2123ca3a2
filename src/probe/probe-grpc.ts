import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import { LONGEST_ANSWER_BYTES, type ProbeLimits, withConnection } from './connection.ts';
import { decodeHealthStatus, encodeHealthCheck, grpcStatusName } from './grpc-message.ts';
import { oneLine } from './one-line.ts';
import type { ProbeAnswer, ProbeTarget } from './probe.ts';

type GrpcTarget = Extract<ProbeTarget, { kind: 'grpc' }>;

interface GrpcReply {
  /** Of the response and its trailers together; a server that refuses sends one block only. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Calls grpc.health.v1.Health/Check over HTTP/2 without TLS. Ready when the answer is SERVING.
 *
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function probeGrpc(target: GrpcTarget, limits: ProbeLimits): Promise<ProbeAnswer> {
  // Loaded here, so that a mesh without gRPC does not pay for it.
  const { connect } = await import('node:http2');
  let sessionClosed: Promise<void> | undefined;
  try {
    const reply = await withConnection(target, limits, (socket) => {
      const session = connect(originOf(target), { createConnection: () => socket });
      sessionClosed = new Promise((resolve) => session.once('close', resolve));
      return callCheck(session, target.service);
    });
    return judge(reply);
  } finally {
    // It goes down with its socket, but only some turns of the event loop later: the last ones are immediates that
    // are queued by now, so they run before ours.
    await sessionClosed;
    await setImmediate();
  }
}

function originOf({ host, port }: GrpcTarget): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function callCheck(session: ClientHttp2Session, service: string): Promise<GrpcReply> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      // What befalls the connection its owner tells.
      if (error.code === 'ERR_HTTP2_ERROR') reject(new Error('not an HTTP/2 answer'));
    };
    session.on('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'mesh-probe',
      te: 'trailers',
    });
    stream.on('error', fail);
    readReply(stream).then(resolve, reject);
    stream.end(encodeHealthCheck(service));
  });
}

function readReply(stream: ClientHttp2Stream): Promise<GrpcReply> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('trailers', (received: IncomingHttpHeaders) => {
      headers = { ...headers, ...received };
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LONGEST_ANSWER_BYTES) reject(new Error('an endless answer'));
    });
    stream.on('close', () => {
      if (headers !== undefined) resolve({ headers, body: Buffer.concat(chunks) });
      else if (!stream.session?.destroyed) reject(new Error('the stream was reset without an answer'));
    });
  });
}

function judge({ headers, body }: GrpcReply): ProbeAnswer {
  const httpStatus = Number(headers[':status']);
  const grpcStatus = headers['grpc-status'];
  if (grpcStatus === undefined) return { ok: false, answer: `HTTP ${httpStatus}, not a gRPC answer` };
  if (Number(grpcStatus) !== 0) return { ok: false, answer: describeRefusal(Number(grpcStatus), headers) };
  const serving = decodeHealthStatus(body);
  return { ok: serving === 'SERVING', answer: serving ?? 'not a health answer' };
}

function describeRefusal(status: number, headers: IncomingHttpHeaders): string {
  const message = oneLine(decodePercent(String(headers['grpc-message'] ?? '')));
  return message === '' ? grpcStatusName(status) : `${grpcStatusName(status)}: ${message}`;
}

/** gRPC percent-encodes its messages; a malformed one is shown as it came. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
