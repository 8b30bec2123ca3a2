const name = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' } as const;

/** What a path names. */
export const KEY = {
  type: 'object',
  required: ['service', 'environment'],
  properties: { service: name, environment: name },
} as const;
