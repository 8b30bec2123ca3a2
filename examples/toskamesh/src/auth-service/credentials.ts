/** Letters of ASCII, so that no two names look alike. */
const username = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$',
  description: 'must be 3 to 64 letters, digits, dots, underscores or hyphens, of which the first is a letter or digit',
} as const;

/** Characters: more are no safer, and normalising them takes time. */
const MAX_PASSWORD = 128;

/**
 * 15 characters where a password is all that is asked for, and no rule about which characters they are:
 * https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
 */
export const NEW_CREDENTIALS = {
  type: 'object',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: { username, password: { type: 'string', minLength: 15, maxLength: MAX_PASSWORD } },
} as const;

/** A password that was set under other rules must still be good, so any length may be tried. */
export const CREDENTIALS = {
  type: 'object',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: { username, password: { type: 'string', minLength: 1, maxLength: MAX_PASSWORD } },
} as const;

export const REFRESH_TOKEN = {
  type: 'object',
  required: ['refreshToken'],
  additionalProperties: false,
  properties: { refreshToken: { type: 'string', minLength: 1, maxLength: 200 } },
} as const;
