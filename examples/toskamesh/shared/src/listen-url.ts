import { FatalSetting, type Settings } from './settings.ts';

export interface ListenAddress {
  /** Undefined means every interface. */
  readonly host: string | undefined;
  readonly port: number;
  /** The URL as it was written, for log lines. */
  readonly url: string;
  /** The variable it came from. */
  readonly variable: string;
}

const ANY_HOST = new Set(['+', '*', '0.0.0.0', '[::]']);
const URL_SHAPE = /^(?<scheme>https?):\/\/(?<host>\[[0-9a-f:.]+\]|[^/:[\]\s]+)(?::(?<port>\d{1,5}))?\/?$/i;

/** One Kestrel URL. `+` and `*` are no valid host names, hence no `new URL`. */
export function parseListenUrl(variable: string, url: string): ListenAddress {
  const groups = URL_SHAPE.exec(url.trim())?.groups;
  const port = Number(groups?.port ?? 80);
  if (groups === undefined || port > 65_535) {
    throw new FatalSetting(`${variable} must be a URL to listen on, such as http://+:80 or http://127.0.0.1:5000`);
  }
  if (groups.scheme?.toLowerCase() === 'https') {
    throw new FatalSetting(`${variable} asks for https; only http is served`);
  }
  return { host: listenHost(groups.host ?? ''), port, url: url.trim(), variable };
}

/** A list of URLs, parted by semicolons as in .NET. */
export function parseListenUrls(variable: string, value: string): readonly ListenAddress[] {
  const urls = value.split(';').filter((part) => part.trim() !== '');
  return urls.map((url) => parseListenUrl(variable, url));
}

/** Where a web service listens: the endpoint by name wins over the URL lists, as in Kestrel. */
export function webAddresses(settings: Settings): readonly [ListenAddress, ...ListenAddress[]] {
  const found = settings.firstOf('Kestrel__Endpoints__Http__Url', 'URLS', 'ASPNETCORE_URLS');
  const [first, ...others] = found === undefined ? [] : parseListenUrls(found.name, found.value);
  // Kestrel's own default, which is why several services on one host must each be told a port.
  return [first ?? parseListenUrl('URLS', 'http://localhost:5000'), ...others];
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}

function listenHost(host: string): string | undefined {
  if (ANY_HOST.has(host)) {
    return undefined;
  }
  // `localhost` may resolve to ::1 alone, where a client of 127.0.0.1 would find nobody.
  return host.toLowerCase() === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
}
