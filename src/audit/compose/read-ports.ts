import type { Tree } from '../../manifest/tree.ts';
import type { Fact } from '../facts.ts';
import { textValue } from '../facts.ts';
import { field, itemsOf, textOf } from '../read-documents.ts';
import { interpolateText } from './interpolate.ts';

interface PublishedPort {
  /** `80/tcp` */
  readonly container: string;
  /** `127.0.0.1:5000`; `auto` in the place of a port that the engine picks. */
  readonly host: string;
}

/** The ports of a service: which it opens, and where on the host they are published. */
export function readPorts(service: Tree): Fact[] {
  const published = itemsOf(field(service, 'ports')).flatMap((item) => {
    const ports = item.kind === 'map' ? longForm(item) : shortForm(interpolateText(textOf(item) ?? ''));
    return ports.flatMap(({ container, host }): Fact[] => [
      { aspect: 'port', key: container, value: [], at: item.at },
      { aspect: 'published', key: container, value: textValue(host), at: item.at },
    ]);
  });
  const exposed = itemsOf(field(service, 'expose')).map((item): Fact => {
    return { aspect: 'port', key: withProtocol(textOf(item) ?? ''), value: [], at: item.at };
  });
  return [...exposed, ...published];
}

function longForm(item: Tree): PublishedPort[] {
  const of = (key: string) => interpolateText(textOf(field(item, key)) ?? '');
  const container = `${of('target')}/${of('protocol') || 'tcp'}`;
  return [{ container, host: hostOf(of('host_ip'), of('published')) }];
}

const SHORT = /^(?:(\[[^\]]*\]|[^:]*):)??(?:([\d-]*):)?(\d+(?:-\d+)?)(\/\w+)?$/;

/** `[address:][host:]container[/protocol]`, each a port or a range of them. */
function shortForm(text: string): PublishedPort[] {
  const match = SHORT.exec(text);
  if (match === null) return [{ container: text, host: '' }];
  const [, address = '', host = '', container = '', protocol = '/tcp'] = match;
  const hosts = rangeOf(host);
  return rangeOf(container).map((port, index) => ({
    container: `${port}${protocol}`,
    host: hostOf(address, hosts[index] ?? ''),
  }));
}

function rangeOf(text: string): string[] {
  const [first = '', last = first] = text.split('-');
  if (first === '') return [];
  const count = Math.min(1000, Math.max(1, Number(last) - Number(first) + 1));
  return Array.from({ length: count }, (_, index) => String(Number(first) + index));
}

/** Without an address, Docker publishes on all of the machine. */
function hostOf(address: string, port: string): string {
  return `${address.replace(/^\[|\]$/g, '') || '0.0.0.0'}:${port === '' || port === '0' ? 'auto' : port}`;
}

function withProtocol(text: string): string {
  return text.includes('/') ? text : `${text}/tcp`;
}
