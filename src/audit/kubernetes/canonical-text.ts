/** Labels as one text: the same for the same labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');
}

/** What the pod and its container may do. */
export interface SecurityFields {
  readonly pod: unknown;
  readonly container: unknown;
  readonly automountServiceAccountToken: string | undefined;
  readonly enableServiceLinks: string | undefined;
  readonly shareProcessNamespace: string | undefined;
}

/** `pod.runAsUser=1654 container.allowPrivilegeEscalation=false …`: in one order, whatever the order of keys is. */
export function securityText(fields: SecurityFields): string {
  return leavesOf(fields, []).sort().join(' ');
}

function leavesOf(value: unknown, path: readonly string[]): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [`${path.join('.')}=${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
