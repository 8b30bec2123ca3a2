const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?';
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
/** The address that means every interface is one to listen on, not one to call. */
const IPV4 = `(?!0\\.0\\.0\\.0$)${BYTE}(?:\\.${BYTE}){3}`;
const IPV6 = '(?=.*[1-9a-fA-F])(?=.*:.*:)[0-9a-fA-F:.]{2,45}';
/** Digits and dots alone are an IPv4 address or a mistake. */
const HOST = `(?![0-9.]+$)${LABEL}(?:\\.${LABEL})*`;

export const idSchema = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$',
  description: 'must be 1 to 128 letters, digits, dots, colons, dashes or underscores, a letter or digit first',
} as const;
/** A service's name is a part of paths and of DNS names. */
export const serviceSchema = {
  type: 'string',
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  description: 'must be 1 to 63 small letters, digits or dashes, no dash first or last',
} as const;

/** What may be registered, over HTTP and gRPC alike. The bounds of `metadata` are Consul's. */
export const instanceSchema = {
  type: 'object',
  required: ['id', 'service', 'address', 'port'],
  additionalProperties: false,
  properties: {
    id: idSchema,
    service: serviceSchema,
    address: {
      type: 'string',
      maxLength: 253,
      pattern: `^(?:${IPV4}|${IPV6}|${HOST})$`,
      description: 'must be an IP address that can be called, or a host name',
    },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    /** How it is probed. */
    scheme: { type: 'string', enum: ['http', 'tcp'] },
    healthPath: {
      type: 'string',
      maxLength: 256,
      pattern: '^(?:/[!-~]*)?$',
      description: 'must be empty or begin with a slash',
    },
    /** False for one that cannot work yet. */
    passing: { type: 'boolean' },
    metadata: {
      type: 'object',
      maxProperties: 32,
      propertyNames: {
        pattern: '^(?!(?:scheme|healthPath)$)[A-Za-z0-9_-]{1,128}$',
        description: 'must have keys of letters, digits, dashes and underscores other than scheme and healthPath',
      },
      additionalProperties: { type: 'string', maxLength: 512 },
    },
  },
} as const;
