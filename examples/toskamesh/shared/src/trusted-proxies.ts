import proxyAddr from '@fastify/proxy-addr';
import { FatalSetting } from './settings.ts';

/** Whether an address is one of a proxy whose `x-forwarded-…` headers count; `hop` is 0 for whoever connected. */
export type TrustedProxies = (address: string, hop: number) => boolean;

/**
 * @param text networks, parted by commas
 * @throws FatalSetting that names the variable when it is no list of networks
 */
export function trustedProxies(variable: string, text: string): TrustedProxies {
  const networks = text.split(',').map((network) => network.trim());
  try {
    return proxyAddr.compile(networks);
  } catch (cause) {
    throw new FatalSetting(`${variable} must be networks such as 10.0.0.0/8, parted by commas`, { cause });
  }
}
