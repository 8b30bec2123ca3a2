import { describe, expect, it } from 'vitest';
import { FatalSetting, hostOf, portOf, Settings } from '../src/settings.ts';

const PORTS = { fallback: 5672, min: 1, max: 65_535 };

describe('Settings', () => {
  it('reads names in any case and takes blank for not set', () => {
    const settings = new Settings({ CONSUL__ADDRESS: ' http://consul:8500 ', Jwt__Secret: '  ', URLS: undefined });
    expect(settings.optional('Consul__Address')).toBe('http://consul:8500');
    expect(settings.optional('Jwt__Secret')).toBeUndefined();
    expect(() => settings.required('Jwt__Secret')).toThrow(new FatalSetting('Jwt__Secret is not set'));
  });

  it('measures secrets in bytes and does not repeat them', () => {
    const settings = new Settings({ Jwt__Secret: 'short-secret', Fits: 'é'.repeat(16) });
    expect(() => settings.secret('Jwt__Secret')).toThrow(
      new FatalSetting('Jwt__Secret has 12 bytes; HS256 needs at least 32'),
    );
    expect(settings.secret('Fits')).toHaveLength(16);
    expect(settings.optionalSecret('Jwt__SecretKey')).toBeUndefined();
  });

  it('reads whole numbers within a range', () => {
    const settings = new Settings({ A: '15672', B: 'x', C: '0', D: '1.5' });
    expect(settings.integer('A', PORTS)).toBe(15_672);
    expect(settings.integer('Unset', PORTS)).toBe(5672);
    for (const name of ['B', 'C', 'D']) {
      expect(() => settings.port(name, 1)).toThrow(`${name} must be a whole number from 1 to 65535`);
    }
  });

  it('reads addresses', () => {
    const settings = new Settings({
      A: 'http://consul:8500',
      B: 'http://[::1]',
      C: 'consul:8500',
      D: 'https://consul',
    });
    const address = settings.address('A');
    expect(address && [hostOf(address), portOf(address)]).toEqual(['consul', 8500]);
    const bare = settings.address('B');
    expect(bare && [hostOf(bare), portOf(bare)]).toEqual(['::1', 80]);
    for (const name of ['C', 'D']) {
      expect(() => settings.address(name)).toThrow(`${name} must be an address such as http://host:1234`);
    }
  });

  it('tells under which name a value was found', () => {
    const settings = new Settings({ ASPNETCORE_URLS: 'http://+:80' });
    expect(settings.firstOf('URLS', 'ASPNETCORE_URLS')).toEqual({ name: 'ASPNETCORE_URLS', value: 'http://+:80' });
    expect(settings.firstOf('URLS')).toBeUndefined();
  });

  it('finds names by how they begin, as they were written', () => {
    const settings = new Settings({ Orleans__Clustering__Provider: 'x', Orleans__ClusteringMode: 'consul' });
    expect(settings.namesWithPrefix('orleans__clustering__')).toEqual(['Orleans__Clustering__Provider']);
  });
});
