import { yamlKey, yamlText } from './go-template.ts';

/** Fixed data as the lines of YAML in a template; texts are always quoted, so that none is taken for another type. */
export function yamlLines(data: object): string {
  return Array.isArray(data)
    ? data.map((item) => listItem(item)).join('\n')
    : Object.entries(data)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => entry(key, value))
        .join('\n');
}

function entry(key: string, value: unknown): string {
  if (isFilled(value)) {
    const inline = inlineList(value);
    return inline === undefined ? `${yamlKey(key)}:\n${shift(yamlLines(value))}` : `${yamlKey(key)}: ${inline}`;
  }
  return `${yamlKey(key)}: ${yamlScalar(value)}`;
}

function listItem(item: unknown): string {
  return isFilled(item) ? `- ${shift(yamlLines(item)).slice(2)}` : `- ${yamlScalar(item)}`;
}

function inlineList(value: object): string | undefined {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return undefined;
  return `[${value.map(yamlScalar).join(', ')}]`;
}

// What no reader of YAML takes for anything but a text.
const PLAIN = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z/][\w./-]*$/i;

/** A value that is neither a list nor a mapping; texts that YAML takes for another type are quoted. */
export function yamlScalar(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : yamlText(value);
  return JSON.stringify(value);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function shift(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
