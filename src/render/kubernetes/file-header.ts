import type { Mesh } from '../../mesh/mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';

/** The comment at the top of a generated file. */
export function fileHeader(mesh: Mesh, ...more: readonly string[]): string {
  return [GENERATED_NOTICE, `${mesh.name} ${mesh.version}, environment ${mesh.environment}.`, ...more].join('\n');
}
