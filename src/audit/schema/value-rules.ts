import type { ScalarTree } from '../../manifest/tree.ts';

interface Rule {
  /** Of the path of a field, with the numbers of list items. */
  readonly path: RegExp;
  readonly fits: (value: ScalarTree['value']) => boolean;
  readonly message: string;
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const LABEL = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/;
const PORT_NAME = /^(?!.*--)(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/;

const isPort = (value: ScalarTree['value']) => typeof value !== 'number' || (value >= 1 && value <= 65535);
const isAtLeast = (least: number) => (value: ScalarTree['value']) => typeof value !== 'number' || value >= least;
const matches = (pattern: RegExp) => (value: ScalarTree['value']) => typeof value !== 'string' || pattern.test(value);

/**
 * What the server refuses beyond types, where mistakes are usual.
 * Source: validation.go of Kubernetes, and its page "Object Names and IDs".
 */
const RULES: readonly Rule[] = [
  {
    path: /^metadata\.name$/,
    fits: matches(DNS_NAME),
    message: 'is no name of an object: lower-case letters, digits, - and .',
  },
  {
    path: /\.?(?:labels|matchLabels|selector)\.[^[\]]+$/,
    fits: matches(LABEL),
    message: 'is no value of a label: at most 63 letters, digits, -, _ and .',
  },
  {
    path: /(?:containerPort|hostPort|targetPort|nodePort|\.port|\.number)$/,
    fits: isPort,
    message: 'is no port: 1 to 65535',
  },
  {
    path: /containers\[\d+\]\.ports\[\d+\]\.name$/i,
    fits: matches(PORT_NAME),
    message: 'is no name of a port: at most 15 lower-case letters, digits and -',
  },
  {
    path: /Probe\.(?:periodSeconds|timeoutSeconds|failureThreshold|successThreshold)$/,
    fits: isAtLeast(1),
    message: 'must be at least 1',
  },
  {
    path: /(?:initialDelaySeconds|replicas|terminationGracePeriodSeconds)$/,
    fits: isAtLeast(0),
    message: 'must not be negative',
  },
  { path: /containers\[\d+\]\.(?:image|name)$/i, fits: (value) => value !== '', message: 'must not be empty' },
];

/** Why the server would refuse a value of the right type; `undefined` when it would not. */
export function valueProblem(path: string, { value }: ScalarTree): string | undefined {
  return RULES.find((rule) => rule.path.test(path) && !rule.fits(value))?.message;
}
