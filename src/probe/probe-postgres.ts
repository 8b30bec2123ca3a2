import type { Socket } from 'node:net';
import { type Address, LONGEST_ANSWER_BYTES, type ProbeLimits, receive, withConnection } from './connection.ts';
import { oneLine } from './one-line.ts';
import type { ProbeAnswer, ProbeTarget } from './probe.ts';

// Messages and codes: https://www.postgresql.org/docs/current/protocol-message-formats.html
const PROTOCOL_3_0 = 196_608;
const TERMINATE = Buffer.from([...Buffer.from('X'), 0, 0, 0, 4]);
/** What a server may say first: authentication, an error, a notice, or that it negotiates the version. */
const FIRST_MESSAGES = 'RENv';
const HEADER_BYTES = 5;

/**
 * Begins a session as `user` on `database`. Ready when the server opens it, asks for a password, or refuses the login
 * (class 28): it takes sessions then, and passwords are not the probe's business. Starting up (57P03) and a
 * database that does not exist (3D000) are not ready, nor is any other error.
 *
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function probePostgres(
  target: Extract<ProbeTarget, { kind: 'postgres' }>,
  limits: ProbeLimits,
): Promise<ProbeAnswer> {
  return withConnection(target satisfies Address, limits, (socket) => openSession(socket, target));
}

async function openSession(socket: Socket, login: { user: string; database: string }): Promise<ProbeAnswer> {
  socket.write(encodeStartup(login));
  const { answer, session } = await receive(socket, readOutcome);
  // Without a session the connection is just closed, as psql does: a server that waits for a password would log
  // Terminate as a protocol violation.
  if (session) socket.write(TERMINATE);
  return answer;
}

function encodeStartup({ user, database }: { user: string; database: string }): Buffer {
  const settings = ['user', user, 'database', database, 'application_name', 'mesh-probe', ''];
  const body = Buffer.from(settings.map((text) => `${text}\0`).join(''));
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(PROTOCOL_3_0, 4);
  return Buffer.concat([head, body]);
}

interface Outcome {
  readonly answer: ProbeAnswer;
  /** Whether a session stands that should be ended in good form. */
  readonly session: boolean;
}

/** The first message that decides; `undefined` when it has not come yet. */
function readOutcome(bytes: Buffer): Outcome | undefined {
  let at = 0;
  while (bytes.length >= at + HEADER_BYTES) {
    const type = String.fromCharCode(bytes.readUInt8(at));
    const length = bytes.readInt32BE(at + 1);
    if ((at === 0 && !FIRST_MESSAGES.includes(type)) || length < 4 || length > LONGEST_ANSWER_BYTES) {
      return { answer: { ok: false, answer: 'not a PostgreSQL answer' }, session: false };
    }
    const end = at + 1 + length;
    if (bytes.length < end) return undefined;
    const outcome = judge(type, bytes.subarray(at + HEADER_BYTES, end));
    if (outcome !== undefined) return outcome;
    at = end;
  }
  return undefined;
}

function judge(type: string, body: Buffer): Outcome | undefined {
  if (type === 'E') return { answer: judgeError(body), session: false };
  if (type === 'Z') return { answer: { ok: true, answer: 'takes sessions' }, session: true };
  // AuthenticationOk (0) is not the end: only after it does the server look for the database.
  if (type === 'R' && (body.length < 4 || body.readInt32BE(0) !== 0)) {
    return { answer: { ok: true, answer: 'takes sessions, with a password' }, session: false };
  }
  return undefined;
}

function judgeError(body: Buffer): ProbeAnswer {
  const fields = new Map<string, string>();
  for (const field of body.toString('utf8').split('\0')) {
    if (field !== '') fields.set(field.slice(0, 1), field.slice(1));
  }
  const code = fields.get('C') ?? '';
  const message = oneLine(fields.get('M') ?? 'an error without a message');
  return { ok: code.startsWith('28'), answer: code === '' ? message : `${message} (${oneLine(code)})` };
}
