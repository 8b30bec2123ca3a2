import type { Settings } from '@toskamesh/shared';

/** How often something was tried since its window began with the first try. */
export interface AttemptWindow {
  /** This one counted. */
  readonly attempts: number;
  readonly endsInSeconds: number;
}

export interface AttemptLimits {
  /** Tries to log in as one user. A success forgets the ones before it. */
  readonly perUsername: number;
  /** Tries of one address to log in or register, whoever as. Many people may share it. */
  readonly perAddress: number;
  readonly windowSeconds: number;
}

const MAX_ATTEMPTS = 1_000_000;

export function attemptLimitsOf(settings: Settings): AttemptLimits {
  const count = (name: string, fallback: number) => settings.integer(name, { fallback, min: 1, max: MAX_ATTEMPTS });
  return {
    perUsername: count('Auth__LoginLimit__PerUsername', 10),
    perAddress: count('Auth__LoginLimit__PerAddress', 100),
    windowSeconds: settings.integer('Auth__LoginLimit__WindowSeconds', { fallback: 300, min: 1, max: 86_400 }),
  };
}

/** Whole seconds until another try is worth it; undefined when this one is within the limit. */
export function retryAfterSeconds({ attempts, endsInSeconds }: AttemptWindow, limit: number): number | undefined {
  return attempts <= limit ? undefined : Math.max(1, Math.ceil(endsInSeconds));
}
