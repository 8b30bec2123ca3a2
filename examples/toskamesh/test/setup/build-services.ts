import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The tests import the services' libraries and run the services as they are built. */
export function setup(): void {
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', [...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = path.join(ROOT, 'node_modules/.package-lock.json');
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(ROOT, 'package-lock.json')).mtimeMs;
  if (!isCurrent) {
    npm('ci', '--no-audit', '--no-fund');
  }
  npm('run', '--silent', 'build');
}
