import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import { type Settings, trustedProxies } from '@toskamesh/shared';
import ipaddr from 'ipaddr.js';

const VARIABLE = 'Auth__TrustedProxies';
/** Gateways call from within the cluster, and clients from outside. */
const DEFAULT_PROXIES = 'loopback,linklocal,uniquelocal';
/** Whoever has one address of a /64 has all of it: https://www.rfc-editor.org/rfc/rfc6177 */
const IPV6_NETWORK_BYTES = 8;

/**
 * How to find the address of whoever calls: behind gateways it is the last in X-Forwarded-For that no trusted one has.
 *
 * @throws FatalSetting when the variable holds no list of networks
 */
export function callerAddressOf(settings: Settings): (request: IncomingMessage) => string {
  const trust = trustedProxies(VARIABLE, settings.optional(VARIABLE) ?? DEFAULT_PROXIES);
  return (request) => limitedPart(proxyAddr(request, trust));
}

/** The part of an address for which a limit counts. */
export function limitedPart(text: string): string {
  if (!ipaddr.isValid(text)) {
    // X-Forwarded-For may hold any words, of any length.
    return 'unknown';
  }
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') {
    return address.toString();
  }
  const network = address.toByteArray().fill(0, IPV6_NETWORK_BYTES);
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}
