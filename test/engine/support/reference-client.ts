import { randomBytes } from 'node:crypto';

/** A new user of the reference mesh, as an `Authorization` header. */
export async function logIn(gateway: string): Promise<string> {
  const body = JSON.stringify({
    username: `test-${randomBytes(4).toString('hex')}`,
    password: randomBytes(12).toString('hex'),
  });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${gateway}/api/auth/register`, { method: 'POST', body, headers });
  if (registered.status !== 201) throw new Error(`register: ${registered.status} ${await registered.text()}`);
  const response = await fetch(`${gateway}/api/auth/login`, { method: 'POST', body, headers });
  if (response.status !== 200) throw new Error(`login: ${response.status} ${await response.text()}`);
  const { accessToken } = (await response.json()) as { readonly accessToken: string };
  return `Bearer ${accessToken}`;
}

/** A counter in config-service that is raised and read all the time, through the gateway. */
export interface Traffic {
  /** Answers that cannot be right, and refusals that are not in the form of a problem. */
  readonly wrong: readonly string[];
  /** How many requests were answered with success, and how many were told to try again. */
  readonly counts: { readonly good: number; readonly refused: number };
  /** @returns the last value of which the service said that it is kept */
  stop(): Promise<number>;
}

const PAUSE_MS = 40;
/** What says that a server is away, and that the request can be sent again. */
const TRY_AGAIN = [502, 503, 504];

export function startTraffic(url: string, authorization: string): Traffic {
  const wrong: string[] = [];
  const counts = { good: 0, refused: 0 };
  let sent = 0;
  let kept = 0;
  let isOver = false;

  const judge = async (response: Response): Promise<unknown> => {
    if (response.ok) {
      counts.good++;
      return response.json();
    }
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    if (TRY_AGAIN.includes(response.status) && isProblem) counts.refused++;
    else wrong.push(`${response.status} ${await response.text()}`);
    return undefined;
  };
  const write = async (): Promise<void> => {
    sent++;
    const value = sent;
    const body = JSON.stringify({ values: { count: value } });
    const headers = { 'content-type': 'application/json', authorization };
    if ((await judge(await fetch(url, { method: 'PUT', body, headers }))) !== undefined) kept = value;
  };
  const read = async (): Promise<void> => {
    const atLeast = kept;
    const document = (await judge(await fetch(url, { headers: { authorization } }))) as
      | { readonly values: { readonly count: number } }
      | undefined;
    const count = document?.values.count;
    if (count !== undefined && (count < atLeast || count > sent)) wrong.push(`read ${count}, ${atLeast} was kept`);
  };
  const running = (async () => {
    while (!isOver) {
      await write();
      await read();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  return {
    wrong,
    counts,
    async stop() {
      isOver = true;
      await running;
      return kept;
    },
  };
}
