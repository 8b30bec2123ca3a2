import { createHash } from 'node:crypto';
import { type Placement, placeOnHost } from '../mesh/placement.ts';
import type { Project } from './opened-project.ts';

/** The project with some of its nodes on the host, in the place of what was moved before. */
export function placeProject(project: Project, placement: Placement | undefined): Project {
  const { unplaced } = project;
  const key = project.key.split('+')[0] ?? '';
  if (placement === undefined || placement.local.length === 0) return { ...project, mesh: unplaced, placement, key };
  const digest = createHash('sha256').update(JSON.stringify(placement)).digest('hex').slice(0, 16);
  return { ...project, mesh: placeOnHost(unplaced, placement), placement, key: key === '' ? '' : `${key}+${digest}` };
}
