import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { type LocalServer, serveReply, serveTcp } from './local-server.ts';

/** A message of the server: its type, its length, its body. */
function message(type: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

const error = (code: string, text: string) => message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0Fpostinit.c\0L904\0\0`);
const authentication = (kind: number) => message('R', Buffer.from([0, 0, 0, kind]));
const OPEN_SESSION = Buffer.concat([
  authentication(0),
  message('S', 'server_version\u000015.5\0'),
  message('K', Buffer.alloc(8)),
  message('Z', 'I'),
]);

const target = ({ host, port }: LocalServer) =>
  ({ kind: 'postgres', host, port, user: 'ada', database: 'shop' }) as const;

describe('probePostgres', () => {
  it.each([
    ['a session', OPEN_SESSION, { ok: true, answer: 'takes sessions' }],
    ['a question for a password', authentication(10), { ok: true, answer: 'takes sessions, with a password' }],
    [
      'a refused login',
      error('28P01', 'password authentication failed for user "ada"'),
      { ok: true, answer: 'password authentication failed for user "ada" (28P01)' },
    ],
    [
      'a server that starts',
      error('57P03', 'the database system is starting up'),
      { ok: false, answer: 'the database system is starting up (57P03)' },
    ],
    [
      'a database that is missing, told after authentication',
      Buffer.concat([authentication(0), error('3D000', 'database "shop" does not exist')]),
      { ok: false, answer: 'database "shop" does not exist (3D000)' },
    ],
    [
      'too many clients',
      error('53300', 'sorry, too many clients already'),
      { ok: false, answer: 'sorry, too many clients already (53300)' },
    ],
    ['an error without fields', message('E', '\0'), { ok: false, answer: 'an error without a message' }],
    [
      'a notice before',
      Buffer.concat([message('N', 'SNOTICE\0\0'), authentication(5)]),
      { ok: true, answer: 'takes sessions, with a password' },
    ],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n', { ok: false, answer: 'not a PostgreSQL answer' }],
    ['an absurd length', Buffer.from([0x52, 0, 0, 0, 1]), { ok: false, answer: 'not a PostgreSQL answer' }],
  ])('%s', async (_, reply, expected) => {
    await using server = await serveReply(reply);
    expect(await ask(target(server))).toEqual(expected);
  });

  it('names user and database, and ends a session in good form', async () => {
    let onClosed: (sent: Buffer) => void = () => {};
    const sent = new Promise<Buffer>((resolve) => {
      onClosed = resolve;
    });
    await using server = await serveTcp((socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (bytes) => {
        // One byte at a time, as a network may.
        if (chunks.length === 0) for (const byte of OPEN_SESSION) socket.write(Buffer.from([byte]));
        chunks.push(bytes);
      });
      socket.on('close', () => onClosed(Buffer.concat(chunks)));
    });
    expect(await ask(target(server))).toEqual({ ok: true, answer: 'takes sessions' });
    const parameters = 'user\0ada\0database\0shop\0application_name\0mesh-probe\0\0';
    const head = Buffer.from([0, 0, 0, 8 + parameters.length, 0, 3, 0, 0]);
    expect(await sent).toEqual(Buffer.concat([head, Buffer.from(parameters), message('X')]));
  });

  it('just closes when asked for a password: Terminate there would be logged as a protocol violation', async () => {
    let onClosed: (sentLater: Buffer) => void = () => {};
    const sentLater = new Promise<Buffer>((resolve) => {
      onClosed = resolve;
    });
    await using server = await serveTcp((socket) => {
      const later: Buffer[] = [];
      socket.once('data', () => {
        socket.on('data', (bytes) => later.push(bytes));
        socket.write(authentication(10));
      });
      socket.on('close', () => onClosed(Buffer.concat(later)));
    });
    await ask(target(server));
    expect(await sentLater).toHaveLength(0);
  });
});
