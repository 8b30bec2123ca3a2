import type { EnvVariable, HostedService, PrintedEnv } from './hosted-service.ts';

/**
 * A dotenv file that `node --env-file`, the npm package dotenv and VS Code's `envFile` read alike. The format has no
 * escapes but `\n` between double quotes, so a value is written with a kind of quotes that it does not contain.
 */
export function printDotenv(service: Pick<HostedService, 'env'>): PrintedEnv {
  const problems: string[] = [];
  const lines = service.env.map((variable) => {
    const line = assignment(variable);
    if (line.kind === 'line') return line.text;
    const problem = `${JSON.stringify(variable.name).slice(1, -1)} is left out: ${line.because}`;
    problems.push(problem);
    return `# ${problem}`;
  });
  return { text: lines.map((line) => `${line}\n`).join(''), problems };
}

type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'impossible'; readonly because: string };

function assignment({ name, value }: EnvVariable): Line {
  if (!/^[\w.-]+$/.test(name)) return impossible('a dotenv file cannot hold such a name');
  // Some readers take it for the end of a line, others drop it.
  if (value.includes('\r')) return impossible('a dotenv file cannot hold its carriage return');
  const written = writtenValue(value);
  if (written === undefined)
    return impossible('its quotes, line ends and backslashes do not go together in a dotenv file');
  return { kind: 'line', text: `${name}=${written}` };
}

function impossible(because: string): Line {
  return { kind: 'impossible', because };
}

function writtenValue(value: string): string | undefined {
  // As it is, it can be read by everything, Docker included.
  if (/^[\w./:@%+,=-]+$/.test(value)) return value;
  return multiline(value) ?? quoted(value) ?? bare(value);
}

/** On one line, since readers that go line by line know at least `\n`. */
function multiline(value: string): string | undefined {
  if (!value.includes('\n') || !fitsDoubleQuotes(value)) return undefined;
  return `"${value.replaceAll('\n', '\\n')}"`;
}

/** Single quotes first: some tools replace `$NAME` between the others. */
function quoted(value: string): string | undefined {
  if (fits(value, "'")) return `'${value}'`;
  if (fitsDoubleQuotes(value)) return `"${value}"`;
  return fits(value, '`') ? `\`${value}\`` : undefined;
}

/** Without quotes, a value ends with its line or before `#`, and is trimmed; all else it can hold, even every quote. */
function bare(value: string): string | undefined {
  return /^[^\s'"`#]([^\r\n#]*[^\s#])?$/.test(value) ? value : undefined;
}

/** A backslash at the end would make dotenv take the closing quote for one inside. */
function fits(value: string, quote: string): boolean {
  return !value.includes(quote) && !value.endsWith('\\');
}

/** Between double quotes, `\n` and `\r` that were in the value itself would become line ends. */
function fitsDoubleQuotes(value: string): boolean {
  return fits(value, '"') && !/\\[nr]/.test(value);
}
