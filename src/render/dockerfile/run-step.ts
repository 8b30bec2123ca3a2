/** A RUN with mounts, the form of every step that reads from a package registry. */
export function runStep(mounts: readonly string[], ...commands: readonly string[]): string {
  const flags = mounts.map((mount) => `--mount=${mount}`);
  return `RUN ${[...flags, commands.join(' && \\\n    ')].join(' \\\n    ')}`;
}

/** The certificate authority behind which a private registry may be; a build without it works as usual. */
export const CA_SECRET = 'type=secret,id=ca,target=/run/secrets/ca.pem';

/** Tells a tool about that authority by the variable that it reads, if the secret was given. */
export function trustCa(variable: string): string {
  return `if [ -f /run/secrets/ca.pem ]; then export ${variable}=/run/secrets/ca.pem; fi`;
}
