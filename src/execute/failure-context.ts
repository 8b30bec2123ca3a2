import type { Location } from '../diagnostics/location.ts';
import type { Mesh, MeshNode, Setting } from '../mesh/mesh.ts';
import { secretsOf } from '../mesh/value.ts';
import type { FailureReason } from './describe-failure.ts';

/** The place in the manifest that a failure most likely comes from, and what to do about it. */
export interface FailureAdvice {
  readonly at: Location;
  readonly hint: string;
}

/**
 * A service that refuses a setting names it in its last words. When one of its own variables stands there, that line
 * of the manifest is the best place to look; otherwise it is the readiness check, or the node itself.
 */
export function adviseOn(
  mesh: Mesh,
  node: MeshNode,
  failure: FailureReason,
  lastWords: readonly string[],
): FailureAdvice {
  const again = `then: mesh dev up ${node.name}`;
  const section = node.kind === 'service' ? 'services' : 'infrastructure';
  const place = (path: string) => mesh.places[`${section}.${node.name}.${path}`] ?? node.at;
  if (failure.code === 'MESH3004') {
    return {
      at: place('resources.limits.memory'),
      hint: `raise resources.limits.memory, or find what takes the memory, ${again}`,
    };
  }
  const setting = namedSetting(node, lastWords);
  if (setting !== undefined) return { at: setting.at, hint: `${mendSetting(setting)}, ${again}` };
  if (failure.code === 'MESH3003') {
    return {
      at: place('health.ready'),
      hint: `see mesh dev logs ${node.name}; if it only needs longer, raise health.within, ${again}`,
    };
  }
  return { at: node.at, hint: `see mesh dev logs ${node.name}, mend the cause, ${again}` };
}

function mendSetting(setting: Setting): string {
  const [secret] = secretsOf(setting.value);
  return secret === undefined
    ? `give ${setting.name} a value that it accepts`
    : `put another value for \`${secret}\` into .mesh/secrets.env`;
}

/** The longest name wins, so that `Jwt__SecretKey` is not taken for `Jwt__Secret`. */
function namedSetting(node: MeshNode, words: readonly string[]): Setting | undefined {
  const text = words.join('\n');
  return [...node.env].sort((a, b) => b.name.length - a.name.length).find((setting) => text.includes(setting.name));
}
