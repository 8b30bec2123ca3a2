const MASK = '••••';
/** Shorter ones would take ordinary words out of the text. Characters. */
const MIN_SECRET_LENGTH = 6;

export type Redact = (text: string) => string;

/**
 * Replaces secret values by `••••`, also where a logger or a URL escaped them: as JSON, as JSON of .NET, which writes
 * `+` as `\u002B`, and percent-encoded. Of a value with several lines, each line is a secret of its own.
 * Values under six characters are left alone.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.flatMap(linesOf).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // The longest first: of two secrets where one begins with the other, no rest may stay.
  const alternatives = [...forms].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).map(escapeRegExp);
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (text) => text.replace(pattern, MASK);
}

function linesOf(secret: string): string[] {
  return secret
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_SECRET_LENGTH);
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, dotnetJson(secret, json), percentEncoded(secret)];
}

/** As System.Text.Json writes it by default: all that could matter in HTML, and all beyond ASCII, as `\uXXXX`. */
function dotnetJson(secret: string, json: string): string {
  const source = secret.includes('"') ? JSON.stringify(secret.replaceAll('"', '\u0000')).slice(1, -1) : json;
  return source
    .replaceAll('\\u0000', '\\u0022')
    .replace(
      /[^\u0020-\u007e]|[&'+<>`]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
}

function percentEncoded(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    // Half of a surrogate pair has no such form.
    return secret;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
