import {
  type ListenAddress,
  type Settings,
  type TokenParties,
  type TrustedProxies,
  tokenPartiesOf,
  trustedProxies,
  webAddresses,
} from '@toskamesh/shared';

const TRUSTED_PROXIES = 'Gateway__TrustedProxies';

export interface GatewaySettings {
  readonly addresses: readonly [ListenAddress, ...ListenAddress[]];
  readonly serviceAuthSecret: string;
  /** Undefined where none is set: then every token is refused. */
  readonly jwtSecret: string | undefined;
  readonly jwtParties: TokenParties;
  /** Undefined where none is set: then the default is tried. */
  readonly discoveryAddress: URL | undefined;
  /** Where others reach the gateway, when that is not where it listens. */
  readonly advertised: URL | undefined;
  /** How long the gateway counts as ready on its last table while discovery is away. */
  readonly discoveryGraceMs: number;
  /** From the first attempt of a request to the headers of an answer, all attempts together. */
  readonly headersTimeoutMs: number;
  /** Requests that may be under way at once, streams among them. */
  readonly maxInFlight: number;
  readonly retry: { readonly percent: number; readonly floor: number };
  readonly breaker: { readonly failures: number; readonly pauseMs: number };
  /** Undefined where none is set: then a caller is who connected. */
  readonly trustedProxies: TrustedProxies | undefined;
  readonly rateLimit: { readonly perSecond: number; readonly burst: number };
}

/** @throws FatalSetting that names the variable */
export function readGatewaySettings(settings: Settings): GatewaySettings {
  const seconds = (name: string, fallback: number, min: number): number =>
    settings.integer(name, { fallback, min, max: 3600 }) * 1000;
  const count = (name: string, fallback: number, min: number): number =>
    settings.integer(name, { fallback, min, max: 1_000_000 });
  const perSecond = count('Gateway__RateLimit__RequestsPerSecond', 500, 0);
  const proxies = settings.optional(TRUSTED_PROXIES);
  return {
    addresses: webAddresses(settings),
    serviceAuthSecret: settings.secret('Mesh__ServiceAuth__Secret'),
    jwtSecret: settings.optionalSecret('Jwt__SecretKey'),
    jwtParties: tokenPartiesOf(settings),
    discoveryAddress: settings.address('Mesh__ServiceDiscovery__Grpc__Address'),
    advertised: settings.address('Mesh__ServiceDiscovery__AdvertiseUrl'),
    discoveryGraceMs: seconds('Gateway__DiscoveryGraceSeconds', 30, 0),
    headersTimeoutMs: seconds('Gateway__HeadersTimeoutSeconds', 30, 1),
    maxInFlight: count('Gateway__MaxInFlight', 2048, 1),
    retry: {
      percent: settings.integer('Gateway__Retry__BudgetPercent', { fallback: 20, min: 0, max: 100 }),
      floor: count('Gateway__Retry__Floor', 20, 0),
    },
    breaker: {
      failures: count('Gateway__Breaker__Failures', 5, 1),
      pauseMs: seconds('Gateway__Breaker__PauseSeconds', 5, 1),
    },
    trustedProxies: proxies === undefined ? undefined : trustedProxies(TRUSTED_PROXIES, proxies),
    rateLimit: { perSecond, burst: count('Gateway__RateLimit__Burst', Math.max(1, 2 * perSecond), 1) },
  };
}
