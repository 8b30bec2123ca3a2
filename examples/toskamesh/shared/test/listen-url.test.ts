import { describe, expect, it } from 'vitest';
import { isLoopback, parseListenUrl, parseListenUrls, webAddresses } from '../src/listen-url.ts';
import { reachableAddress } from '../src/registration.ts';
import { Settings } from '../src/settings.ts';

describe('parseListenUrl', () => {
  it.each([
    ['http://+:80', undefined, 80],
    ['http://*:8080', undefined, 8080],
    ['http://0.0.0.0:5000', undefined, 5000],
    ['http://[::]:5000', undefined, 5000],
    ['http://127.0.0.1:5000/', '127.0.0.1', 5000],
    ['http://localhost:5001', '127.0.0.1', 5001],
    ['HTTP://[::1]:5001', '::1', 5001],
    ['http://+', undefined, 80],
    ['http://10.0.0.7:0', '10.0.0.7', 0],
  ])('%s', (url, host, port) => {
    expect(parseListenUrl('URLS', url)).toMatchObject({ host, port });
  });

  it.each(['nonsense', '5000', 'http://:80', 'http://+:80/path', 'http://+:99999', 'tcp://+:80'])(
    'refuses %s',
    (url) => {
      expect(() => parseListenUrl('URLS', url)).toThrow(/^URLS must be a URL to listen on/);
    },
  );

  it('refuses https by name', () => {
    expect(() => parseListenUrl('URLS', 'https://+:443')).toThrow('URLS asks for https; only http is served');
  });

  it('splits a list', () => {
    expect(parseListenUrls('URLS', 'http://+:80; http://127.0.0.1:81;').map(({ port }) => port)).toEqual([80, 81]);
  });
});

describe('webAddresses', () => {
  const from = (environment: Record<string, string>) =>
    webAddresses(new Settings(environment)).map(({ port, variable }) => `${variable} ${port}`);

  it('prefers the endpoint by name, then URLS, then ASPNETCORE_URLS', () => {
    const all = {
      ASPNETCORE_URLS: 'http://+:1',
      URLS: 'http://+:2',
      Kestrel__Endpoints__Http__Url: 'http://+:3',
    };
    expect(from(all)).toEqual(['Kestrel__Endpoints__Http__Url 3']);
    expect(from({ ASPNETCORE_URLS: all.ASPNETCORE_URLS, URLS: all.URLS })).toEqual(['URLS 2']);
    expect(from({ ASPNETCORE_URLS: all.ASPNETCORE_URLS })).toEqual(['ASPNETCORE_URLS 1']);
  });

  it('falls back to port 5000', () => {
    expect(from({})).toEqual(['URLS 5000']);
    expect(from({ URLS: ' ; ' })).toEqual(['URLS 5000']);
  });
});

describe('reachableAddress', () => {
  it('is the loopback address for a loopback listener', () => {
    expect(reachableAddress('127.0.0.1', '172.18.0.4')).toBe('127.0.0.1');
    expect(reachableAddress('::1', '172.18.0.4')).toBe('127.0.0.1');
  });

  it('is the address that the listener is bound to', () => {
    expect(reachableAddress('10.0.0.7', '172.18.0.4')).toBe('10.0.0.7');
  });

  it('is the address on the way to discovery for a listener on every interface', () => {
    expect(reachableAddress(undefined, '172.18.0.4')).toBe('172.18.0.4');
  });

  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', '::', '12.7.0.1'].some(isLoopback)).toBe(false);
  });
});
