import type { Available } from '../../../../src/engine/process/hosts/host.ts';
import { decodeManifest } from '../../../../src/manifest/decode.ts';
import { parseYaml } from '../../../../src/manifest/parse-yaml.ts';
import type { Mesh } from '../../../../src/mesh/mesh.ts';
import { resolveMesh } from '../../../../src/mesh/resolve.ts';

/** The mesh of a manifest's text. Throws with the problems when it has some. */
export function meshOf(text: string): Mesh {
  const source = { file: 'mesh.yaml', text };
  const parsed = parseYaml(source);
  const decoded = parsed.value === undefined ? undefined : decodeManifest(parsed.value, undefined);
  const sources = new Map([[source.file, source]]);
  const resolved =
    decoded?.value === undefined ? undefined : resolveMesh({ ...decoded.value, sources, root: '/project' });
  const diagnostics = [parsed, decoded, resolved].flatMap((outcome) => outcome?.diagnostics ?? []);
  if (resolved?.value === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return resolved.value;
}

/** A machine with these programs in /bin and no embedded PostgreSQL. */
export function machineWith(...programs: readonly string[]): Available {
  return { programs: Object.fromEntries(programs.map((program) => [program, `/bin/${program}`])) };
}
