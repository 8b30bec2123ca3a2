const ESCAPE = String.fromCharCode(0x1b);
const RESET = `${ESCAPE}[0m`;
/** Cheap on purpose: it runs on every line, and most have neither. */
const HAS_CONTROL = /(?!\t)\p{Cc}/u;
const SGR_OR_CONTROL = new RegExp(`${ESCAPE}\\[[\\d;:]*m|(?!\\t)\\p{Cc}`, 'gu');
const SGR = new RegExp(`${ESCAPE}\\[[\\d;:]*m`, 'g');
const CONTROL = /\p{Cc}/gu;

/**
 * Makes control characters visible, except tabs, so that a log cannot move the cursor, set a title or clear the screen
 * of the one who reads it. A service's own colours stay, or go where the reader has none.
 */
export function visibleText(text: string, colours: 'keep' | 'strip'): string {
  if (!HAS_CONTROL.test(text)) return text;
  let coloured = false;
  const visible = text.replace(SGR_OR_CONTROL, (found) => {
    if (found.length === 1) return picture(found.charCodeAt(0));
    if (colours === 'strip') return '';
    coloured = true;
    return found;
  });
  return coloured ? visible + RESET : visible;
}

/** The text as a person reads it, for comparing. */
export function withoutColours(text: string): string {
  return text.includes(ESCAPE) ? text.replace(SGR, '') : text;
}

/** `JSON.stringify` leaves DEL and the C1 controls as they are, and a terminal may obey those. */
export function escapeControls(json: string): string {
  return json.replace(CONTROL, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Unicode's pictures of the control characters: ␛ for escape. C1 has none. */
function picture(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : `\\x${code.toString(16)}`;
}
