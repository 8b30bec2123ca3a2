import { splitWords } from '../split-words.ts';

/**
 * What a health check inside a container proves, as far as its command can be understood: `http :80 /health`,
 * `tcp :5432`. A form counts only when it fails as it should: `curl` without `-f` is content with a 500, so such a command
 * stays what it is, an `exec`.
 */
export function readHealthcheck(test: readonly string[]): string {
  const [kind, ...words] = test;
  if (kind === 'CMD-SHELL') return fromScript(words.join(' '));
  // Compose refuses a list that says neither, so it proves nothing.
  if (kind !== 'CMD') return `exec ${JSON.stringify(test)}`;
  const command = words;
  const [program, flag, script] = command;
  if (/^(?:ba|da)?sh$/.test(program ?? '') && flag === '-c' && command.length === 3) return fromScript(script ?? '');
  if (program === 'node' && flag === '-e' && command.length === 3) return fromNode(script ?? '');
  return fromWords(command) ?? `exec ${JSON.stringify(command)}`;
}

const LOCAL = String.raw`(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)`;
const SOCKET = String.raw`exec 3<>/dev/tcp/127\.0\.0\.1/(\d+)`;

type Reading = readonly [RegExp, (match: RegExpExecArray) => string];

const SCRIPTS: readonly Reading[] = [
  [
    new RegExp(
      `^${SOCKET} &&\\nprintf '%s\\\\r\\\\n' 'GET ((?:[^']|'\\\\'')+) HTTP/1\\.1' 'Host: localhost' 'Connection: close' '' >&3 &&\\n` +
        `IFS= read -r status <&3 &&\\necho "\\$status" &&\\n\\[\\[ \\$status == HTTP/\\?\\.\\?\\\\ (\\d+)\\* \\]\\]$`,
    ),
    ([, port, path = '', status]) => http(port, path.replaceAll(`'\\''`, `'`), status === '2' ? undefined : status),
  ],
  [
    new RegExp(
      `^${SOCKET} &&\\nprintf '%s\\\\r\\\\n' 'GET /v1/status/leader HTTP/1\\.0' 'Host: localhost' '' >&3 &&\\n` +
        'mapfile -t answer <&3 &&\\n\\[\\[ \\$\\{answer\\[-1\\]\\} == \\*:\\* \\]\\]$',
    ),
    ([, port]) => `consul :${port}`,
  ],
  [
    new RegExp(
      `^${SOCKET} &&\\nprintf 'AMQP\\\\0\\\\0\\\\x09\\\\x01' >&3 &&\\nIFS= read -r -N 1 frame <&3 &&\\n` +
        `\\[\\[ \\$frame == \\$'\\\\x01' \\]\\]$`,
    ),
    ([, port]) => `amqp :${port}`,
  ],
  [new RegExp(`^(?:exec )?\\d?<?>\\s*/dev/tcp/${LOCAL}/(\\d+)$`), ([, port]) => `tcp :${port}`],
  [
    new RegExp(`^(?:curl -fsS|wget -q -O -) http://${LOCAL}:(\\d+)/v1/status/leader \\| grep -q :$`),
    ([, port]) => `consul :${port}`,
  ],
  [
    /^curl -sS -o \/dev\/null -w '%\{http_code\}' '(.*)' \| grep -q (\d{3})$/,
    ([whole, url = '', status]) => fromUrl(url.replaceAll(`'\\''`, `'`), status) ?? exec(whole),
  ],
  [
    /^wget -S -O \/dev\/null '(.*)' 2>&1 \| grep -q 'HTTP\/1\.\. (\d{3})'$/,
    ([whole, url = '', status]) => fromUrl(url.replaceAll(`'\\''`, `'`), status) ?? exec(whole),
  ],
  [
    /^redis-cli(?: -p (\d+))? ping \| grep (?:-q|-Eq) '?(?:PONG\|NOAUTH|PONG)'?$/,
    ([, port]) => `redis :${port ?? '6379'}`,
  ],
];

function fromScript(script: string): string {
  const trimmed = script.trim();
  for (const [pattern, say] of SCRIPTS) {
    const match = pattern.exec(trimmed);
    if (match !== null) return say(match);
  }
  // The one tail that changes nothing: any failure becomes the status 1 that health checks speak of.
  const line = trimmed.replace(/\s*\|\|\s*(?:exit|\(exit) 1\)?$/, '');
  return (/[|&;<>\n`]/.test(line) ? undefined : fromWords(splitWords(line))) ?? exec(trimmed);
}

const NODE_SCRIPTS: readonly Reading[] = [
  [
    /^require\('node:http'\)\n {2}\.get\('(.*)', \(\{ statusCode \}\) => process\.exit\((.*) \? 0 : 1\)\)\n {2}\.on\('error', \(\) => process\.exit\(1\)\)$/,
    ([whole, url = '', wanted = '']) => {
      const status = /^statusCode === (\d+)$/.exec(wanted)?.[1];
      const known = status !== undefined || wanted === 'statusCode >= 200 && statusCode < 300';
      return (known ? fromUrl(url.replace(/\\(['\\])/g, '$1'), status) : undefined) ?? exec(whole);
    },
  ],
  [
    /^require\('node:net'\)\n {2}\.connect\((\d+), '127\.0\.0\.1', \(\) => process\.exit\(0\)\)\n {2}\.on\('error', \(\) => process\.exit\(1\)\)$/,
    ([, port]) => `tcp :${port}`,
  ],
  [
    /^require\('node:net'\)\n {2}\.connect\((\d+), '127\.0\.0\.1', function \(\) \{ this\.write\('AMQP\\x00\\x00\\x09\\x01'\) \}\)\n {2}\.on\('data', \(answer\) => process\.exit\(answer\[0\] === 1 \? 0 : 1\)\)\n {2}\.on\('error', \(\) => process\.exit\(1\)\)$/,
    ([, port]) => `amqp :${port}`,
  ],
  [
    /^fetch\('http:\/\/127\.0\.0\.1:(\d+)\/v1\/status\/leader'\)\n {2}\.then\(\(response\) => response\.text\(\)\)\n {2}\.then\(\(leader\) => process\.exit\(leader\.includes\(':'\) \? 0 : 1\), \(\) => process\.exit\(1\)\)$/,
    ([, port]) => `consul :${port}`,
  ],
];

function fromNode(script: string): string {
  for (const [pattern, say] of NODE_SCRIPTS) {
    const match = pattern.exec(script);
    if (match !== null) return say(match);
  }
  return exec(script);
}

function fromWords(words: readonly string[]): string | undefined {
  const [program, ...rest] = words;
  switch (program) {
    case 'curl':
      return rest.some((word) => word === '--fail' || /^-[a-zA-Z]*f/.test(word)) ? onlyUrl(rest) : undefined;
    case 'wget':
      return onlyUrl(rest);
    case 'pg_isready':
      return fromPgIsReady(rest);
    case 'redis-cli':
      return rest.at(-1) === 'ping' ? `redis :${optionOf(rest, '-p') ?? '6379'}` : undefined;
    case 'nc':
      return rest.includes('-z') ? `tcp :${rest.at(-1)}` : undefined;
    case 'grep': {
      const hex = /^:([0-9A-F]{4}) 0\+:0000 0A$/.exec(rest[1] ?? '')?.[1];
      return rest[0] === '-qsE' && hex !== undefined ? `tcp :${Number.parseInt(hex, 16)}` : undefined;
    }
    default:
      return undefined;
  }
}

function onlyUrl(words: readonly string[]): string | undefined {
  const urls = words.filter((word) => word.startsWith('http://'));
  return urls.length === 1 ? fromUrl(urls[0] ?? '') : undefined;
}

function fromUrl(url: string, status?: string): string | undefined {
  const match = new RegExp(`^http://${LOCAL}(?::(\\d+))?(/.*)?$`, 's').exec(url);
  return match === null ? undefined : http(match[1] ?? '80', match[2] ?? '/', status);
}

function fromPgIsReady(words: readonly string[]): string {
  const user = optionOf(words, '-U') ?? optionOf(words, '--username');
  const database = optionOf(words, '-d') ?? optionOf(words, '--dbname');
  const who = `${user === undefined ? '' : ` user ${user}`}${database === undefined ? '' : ` database ${database}`}`;
  return `postgres :${optionOf(words, '-p') ?? '5432'}${who}`;
}

function optionOf(words: readonly string[], flag: string): string | undefined {
  const index = words.indexOf(flag);
  return index === -1 ? undefined : words[index + 1];
}

/** One way to write an HTTP probe for every target. */
export function http(port: string | number | undefined, path: string, status?: string | number): string {
  return `http :${port} ${path}${status === undefined ? '' : ` = ${status}`}`;
}

function exec(script: string): string {
  return `exec ${JSON.stringify(script)}`;
}
