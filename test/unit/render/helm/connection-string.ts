/**
 * A connection string as System.Data.Common.DbConnectionStringBuilder reads it, keys in lower case: an unquoted value ends
 * at `;`, without spaces around it, and holds no quotes and control characters; in a quoted one, its quote is doubled.
 */
export function parseConnectionString(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  let rest = text;
  while (rest.trim() !== '') {
    const [head = '', key = ''] = /^[\s;]*([^=;]+?)\s*=\s*/.exec(rest) ?? [];
    if (head === '') throw new Error(`no key at ${JSON.stringify(rest)}`);
    rest = rest.slice(head.length);
    const quoted = /^"((?:[^"]|"")*)"\s*(?:;|$)/.exec(rest) ?? /^'((?:[^']|'')*)'\s*(?:;|$)/.exec(rest);
    const plain = /^([^;"'=\p{Cc}]*?)\s*(?:;|$)/u.exec(rest);
    const [whole, value = ''] = quoted ?? plain ?? [];
    if (whole === undefined) throw new Error(`no value at ${JSON.stringify(rest)}`);
    const quote = quoted === null ? '' : (whole[0] ?? '');
    result[key.toLowerCase()] = quote === '' ? value : value.replaceAll(quote + quote, quote);
    rest = rest.slice(whole.length);
  }
  return result;
}
