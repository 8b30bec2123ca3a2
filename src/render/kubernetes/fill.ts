import type { Secret } from '../../mesh/mesh.ts';
import type { Part } from '../../mesh/value.ts';

/** What stands where a secret or a variable of the environment belongs. */
export interface Fill {
  readonly secret: (secret: Secret) => string;
  readonly variable: (part: Extract<Part, { kind: 'variable' }>) => string;
  /** For readers of a Secret. */
  readonly note?: string;
}

/** Committed files hold no secret: the name of its variable stands there, in the notation of envsubst. */
export const PLACEHOLDERS: Fill = {
  secret: ({ variable }) => placeholder(variable),
  variable: ({ name, fallback }) => fallback ?? placeholder(name),
  note: 'Placeholders. mesh generate k8s infra --secrets --stdout prints it with the values of .mesh/secrets.env.',
};

/**
 * Placeholders that are long enough to be taken for secrets: what a cluster on this machine runs with when nothing is
 * filled in. They are no secret at all, like RabbitMQ's `guest`.
 */
export const LOCAL_PLACEHOLDERS: Fill = {
  ...PLACEHOLDERS,
  secret: ({ variable, minLength }) => {
    const missing = minLength - placeholder(variable).length;
    return placeholder(variable) + LOCAL.repeat(Math.max(0, Math.ceil(missing / LOCAL.length)));
  },
};

const LOCAL = '-local';

/** The values themselves, for a stream that goes to kubectl. A variable that is not set has its fallback, or is empty. */
export function filledWith(
  secrets: ReadonlyMap<string, string>,
  variables: Readonly<Record<string, string | undefined>>,
): Fill {
  return {
    secret: ({ name }) => {
      const value = secrets.get(name);
      if (value === undefined) throw new Error(`the secret ${name} has no value`);
      return value;
    },
    variable: ({ name, fallback }) => variables[name] ?? fallback ?? '',
  };
}

function placeholder(variable: string): string {
  return `\${${variable}}`;
}
