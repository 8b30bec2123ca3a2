/** The JSON Schemas of values that occur in several places. */
export const TEXT = { type: 'string' } as const;
export const FILLED_TEXT = { type: 'string', minLength: 1 } as const;
export const SWITCH = { type: 'boolean' } as const;
export const PORT = { type: 'integer', minimum: 1, maximum: 65535 } as const;
export const COUNT = { type: 'integer', minimum: 0 } as const;
export const POSITIVE = { type: 'integer', minimum: 1 } as const;
export const PULL_POLICY = { enum: ['Always', 'IfNotPresent', 'Never'] } as const;
export const SCALAR = { type: ['string', 'number', 'boolean'] } as const;
export const TEXTS = { type: 'array', items: TEXT } as const;
export const TEXT_MAP = { type: 'object', additionalProperties: TEXT } as const;

const AMOUNTS = {
  type: 'object',
  additionalProperties: false,
  properties: {
    cpu: { type: ['string', 'number'] },
    memory: { type: ['string', 'number'] },
    'ephemeral-storage': { type: ['string', 'number'] },
  },
} as const;

export const RESOURCES = {
  type: 'object',
  additionalProperties: false,
  properties: { requests: AMOUNTS, limits: AMOUNTS },
} as const;

/** A Kubernetes object that is passed on as it is. */
export const TOLERATIONS = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      key: TEXT,
      operator: { enum: ['Exists', 'Equal'] },
      value: TEXT,
      effect: { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
      tolerationSeconds: { type: 'integer' },
    },
  },
} as const;
