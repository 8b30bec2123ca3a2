import { execFileSync } from 'node:child_process';

/** Ends and removes the containers, networks and volumes of a Compose project, whatever became of the run that made them. */
export function removeDockerProject(project: string): void {
  const filter = `label=com.docker.compose.project=${project}`;
  removeListed(['ps', '--all', '--quiet', '--filter', filter], ['rm', '--force', '--volumes']);
  removeListed(['network', 'ls', '--quiet', '--filter', filter], ['network', 'rm']);
  removeListed(['volume', 'ls', '--quiet', '--filter', filter], ['volume', 'rm']);
}

/** Hands what one command lists to another one. */
export function removeListed(list: readonly string[], remove: readonly string[]): void {
  const found = execFileSync('docker', list, { encoding: 'utf8' }).split('\n').filter(Boolean);
  const ids = [...new Set(found)];
  if (ids.length > 0) execFileSync('docker', [...remove, ...ids], { stdio: 'ignore' });
}
