import type { UpResult } from '../execute/run-up.ts';
import { hostNodesOf } from '../mesh/placement.ts';
import { forgetPlacement } from '../workspace/placement-file.ts';
import type { PreparedUp } from './prepare-up.ts';

/**
 * After a move, the ways to what is no longer on the host are closed. Once all is back in containers, nothing stays
 * there: no supervisor, no open port.
 */
export async function settlePlacement({ project, opened }: PreparedUp, result: UpResult): Promise<void> {
  const { mesh, root } = project;
  if (opened.hosted === undefined || !result.ok) return;
  if (hostNodesOf(mesh).length > 0) return opened.hosted.connect(mesh);
  const { instances } = await opened.hosted.processes.observe(mesh.project, []);
  if (instances.length > 0) return;
  await opened.hosted.processes.removeProject(mesh.project, { volumes: false });
  forgetPlacement(root, mesh.project);
}
