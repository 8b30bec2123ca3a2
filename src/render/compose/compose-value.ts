import type { Mesh } from '../../mesh/mesh.ts';
import { joinValue, type Value } from '../../mesh/value.ts';
import { containerAddress } from '../../mesh/address.ts';

/** A text that Compose gives on as it is: it would replace `$NAME` with a variable. */
export function composeText(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** A value as Compose interpolates it and a container then sees it. */
export function composeValue(mesh: Mesh, value: Value): string {
  return joinValue(value, {
    text: (part) => composeText(part.text),
    secret: (part) => secretReference(mesh, part.name),
    variable: (part) => variableReference(part.name, part.fallback, `set ${part.name} in the environment`),
    address: (part) => composeText(containerAddress(mesh, part)),
  });
}

function secretReference(mesh: Mesh, name: string): string {
  const secret = mesh.secrets.find((candidate) => candidate.name === name);
  if (secret === undefined) throw new Error(`the mesh has no secret ${name}`);
  return variableReference(secret.variable, secret.fallback, 'run "mesh generate" to make .mesh/secrets.env');
}

function variableReference(variable: string, fallback: string | undefined, hint: string): string {
  // Compose counts braces to find the end of a fallback and has no escape for them, so such a one cannot be written.
  if (fallback === undefined || /[{}]/.test(fallback)) return `\${${variable}:?${hint}}`;
  return `\${${variable}:-${composeText(fallback)}}`;
}
