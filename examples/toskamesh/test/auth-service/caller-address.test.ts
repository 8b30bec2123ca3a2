import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Settings } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { callerAddressOf, limitedPart } from '../../src/auth-service/caller-address.ts';

function requestFrom(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  if (forwardedFor !== undefined) {
    request.headers['x-forwarded-for'] = forwardedFor;
  }
  return request;
}

describe('callerAddressOf', () => {
  it.each([
    ['10.0.0.7', '203.0.113.9', '203.0.113.9'],
    // What the client itself wrote is to the left of what the ingress and the gateway added.
    ['10.0.0.7', '1.2.3.4, 203.0.113.9, 10.0.0.8', '203.0.113.9'],
    ['203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['::ffff:127.0.0.1', undefined, '127.0.0.1'],
    ['10.0.0.7', 'no address', 'unknown'],
  ])('finds through %s with %j the address %s', (remote, forwarded, expected) => {
    expect(callerAddressOf(new Settings({}))(requestFrom(remote, forwarded))).toBe(expected);
  });

  it('trusts the networks that are set and no others', () => {
    const addressOf = callerAddressOf(new Settings({ Auth__TrustedProxies: '192.0.2.0/24, 198.51.100.1' }));
    expect(addressOf(requestFrom('192.0.2.1', '203.0.113.9'))).toBe('203.0.113.9');
    expect(addressOf(requestFrom('10.0.0.7', '203.0.113.9'))).toBe('10.0.0.7');
    expect(() => callerAddressOf(new Settings({ Auth__TrustedProxies: 'gateway' }))).toThrow('Auth__TrustedProxies');
  });
});

describe('limitedPart', () => {
  it('is the same for all addresses of an IPv6 network', () => {
    expect(limitedPart('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(limitedPart('2001:db8:1:2::1')).toBe('2001:db8:1:2::/64');
  });
});
