/** A text as a string literal inside `{{ }}`. Go reads the escapes of JSON. */
export function goString(text: string): string {
  return JSON.stringify(text);
}

// Helm's YAML reader refuses these where they stand as themselves.
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** A fixed text as a YAML scalar in a template, which must not take `{{` in it for its own. */
export function yamlText(text: string): string {
  if (text.includes('{{')) return `{{ ${goString(text)} | quote }}`;
  const escaped = JSON.stringify(text).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped;
}

/** Fixed texts as a YAML list on one line. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map(yamlText).join(', ')}]`;
}

// YAML 1.1, which Helm reads, takes these for booleans, even as keys.
const OTHER_TYPE_AS_KEY = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A key of a YAML mapping. */
export function yamlKey(name: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(name) && !OTHER_TYPE_AS_KEY.test(name) ? name : JSON.stringify(name);
}

/** A call of a named template with the root context. */
export function include(name: string): string {
  return `include ${goString(name)} .`;
}

/** Every line moved to the right, and what templates put in there too; empty lines stay empty. */
export function indent(text: string, spaces: number): string {
  const moved = text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
  if (!moved.includes('| nindent ')) return moved;
  return moved.replaceAll(/\| nindent (\d+)(?= \}\}$)/gm, (_, depth) => `| nindent ${Number(depth) + spaces}`);
}

/** A mapping below a key, `{}` when there is nothing in it; its lines are indented already. */
export function section(key: string, body: string): string {
  return body === '' ? `${key} {}` : lines(key, body);
}

/** Lines of a template; the parts that are not there leave nothing behind. */
export function lines(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join('\n');
}
