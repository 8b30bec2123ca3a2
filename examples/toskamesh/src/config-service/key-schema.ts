const name = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  description: 'must be 1 to 63 letters, digits, dots, underscores or hyphens, of which the first is a letter or digit',
} as const;

/** What a path names. */
export const KEY = {
  type: 'object',
  required: ['service', 'environment'],
  properties: { service: name, environment: name },
} as const;
