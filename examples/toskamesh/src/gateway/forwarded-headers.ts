import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** They concern one connection and not the message: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/**
 * `host` and `expect` are answered here, and `http2-settings` belongs to an upgrade. `forwarded` and `x-real-ip` come from
 * callers where a proxy does not know them: instances are told by `x-forwarded-…`.
 */
const NOT_SENT_ON: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'expect',
  'http2-settings',
  'forwarded',
  'x-real-ip',
]);
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];
const NOT_SENT_ON_FOR_CALLERS: ReadonlySet<string> = new Set([...NOT_SENT_ON, ...FORWARDED]);
const NONE: ReadonlySet<string> = new Set();

type Headers = Record<string, string | string[]>;

/**
 * The headers of a request for the instance that answers it. What they say of the caller comes from trusted proxies
 * alone: otherwise anybody could be of any address.
 *
 * @param addresses whoever connected, then the callers before it, as far as trusted proxies tell them
 */
export function requestHeaders(
  incoming: Pick<IncomingMessage, 'headers'>,
  addresses: readonly string[],
  own: Readonly<Record<string, string>>,
): Headers {
  const { headers } = incoming;
  const sent = without(headers, addresses.length > 1 ? NOT_SENT_ON : NOT_SENT_ON_FOR_CALLERS);
  sent['x-forwarded-for'] = addresses.toReversed().join(', ');
  // A proxy before this one that ended TLS knows better than this listener, which speaks plain HTTP.
  sent['x-forwarded-proto'] ??= 'http';
  sent['x-forwarded-host'] ??= headers.host ?? '';
  return Object.assign(sent, own);
}

/** The headers of an instance's answer for the caller. */
export function responseHeaders(headers: IncomingHttpHeaders): Headers {
  return without(headers, HOP_BY_HOP);
}

/** Whether a caller wants to leave HTTP on this connection; an offer of HTTP/2 may be passed over. */
export function asksForWebSocket({ upgrade }: IncomingHttpHeaders): boolean {
  return (
    upgrade
      ?.toLowerCase()
      .split(/\s*,\s*/)
      .includes('websocket') === true
  );
}

function without(headers: IncomingHttpHeaders, names: ReadonlySet<string>): Headers {
  const listed = namedByConnection(headers.connection);
  const kept: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !names.has(name) && !listed.has(name)) {
      kept[name] = value;
    }
  }
  return kept;
}

/** `connection` may name more headers that are for this connection alone. */
function namedByConnection(connection: string | string[] | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') {
    return NONE;
  }
  const names = String(connection).toLowerCase().split(',');
  return new Set(names.map((name) => name.trim()));
}
