import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Source } from '../diagnostics/location.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { portRemapFile } from '../workspace/port-remaps.ts';
import { readState, STATE_FOLDER, writeCache } from '../workspace/state-folder.ts';
import type { Project } from './opened-project.ts';
import { type Place, type PlaceRequest, placeMesh } from './place-mesh.ts';

/** What a mesh is asked for with. */
export interface ProjectRequest extends PlaceRequest {
  /** Absolute path of the manifest. */
  readonly file: string;
  /** Places are shown relative to it. */
  readonly cwd: string;
  readonly environment: string | undefined;
}

interface Kept {
  readonly key: string;
  /** Absolute paths of the files that it was made from. */
  readonly inputs: readonly string[];
  /** Label → absolute path, for the lines that messages show. */
  readonly labels: Readonly<Record<string, string>>;
  readonly file: string;
  readonly mesh: Mesh;
  /** The fixed host ports of the main instance, from which those of the others follow. */
  readonly preferred: readonly number[];
}

/** Set when the program is bundled: a mesh that another build resolved is not to be trusted. */
declare const MESH_BUILD_ID: string | undefined;
const BUILD_ID = typeof MESH_BUILD_ID === 'string' ? MESH_BUILD_ID : undefined;

/** The mesh as it was resolved last, if nothing that it was made from has changed since. */
export function readKeptProject(request: ProjectRequest): ResolvedProject | undefined {
  if (BUILD_ID === undefined) return undefined;
  const root = path.dirname(request.file);
  const kept = readState(keptFile(root, request), isKept);
  if (kept === undefined) return undefined;
  const texts = readAll(kept.inputs);
  if (texts === undefined) return undefined;
  const place = placeMesh({ name: kept.mesh.name, root, preferred: kept.preferred }, request);
  if (keyOf(request, place, texts) !== kept.key) return undefined;
  const sources = new Map<string, Source>();
  for (const [label, file] of Object.entries(kept.labels))
    sources.set(label, { file: label, text: texts.get(file) ?? '' });
  return { mesh: kept.mesh, root, file: kept.file, sources, origin: place.origin, key: kept.key };
}

/** A project as its manifest says it. */
export type ResolvedProject = Omit<Project, 'unplaced' | 'placement'>;

export interface MadeProject {
  readonly found: Omit<ResolvedProject, 'key'>;
  readonly place: Place;
  readonly preferred: readonly number[];
  /** Absolute paths of the files that it was made from. */
  readonly inputs: readonly string[];
}

/** Keeps a mesh for the next command. Where there is no state folder yet, nothing is kept: reading must not write. */
export function keepProject(request: ProjectRequest, made: MadeProject): ResolvedProject {
  const { found, place, preferred, inputs } = made;
  const texts = readAll(inputs);
  const labels = texts === undefined ? undefined : labelsOf(found.sources, texts);
  // Without a label for every source, a file was saved while it was read: what was resolved is not what stands there now.
  if (BUILD_ID === undefined || texts === undefined || labels === undefined) return { ...found, key: '' };
  const key = keyOf(request, place, texts);
  if (existsSync(path.join(found.root, STATE_FOLDER))) {
    const kept: Kept = { key, inputs, labels, file: found.file, mesh: found.mesh, preferred };
    writeCache(keptFile(found.root, request), kept);
  }
  return { ...found, key };
}

/** Label of a source → the file that it was read from. */
function labelsOf(
  sources: ReadonlyMap<string, Source>,
  texts: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {};
  for (const [label, source] of sources) {
    const file = [...texts.keys()].find((candidate) => texts.get(candidate)?.replace(/^\uFEFF/, '') === source.text);
    if (file === undefined) return undefined;
    labels[label] = file;
  }
  return labels;
}

function keptFile(root: string, request: ProjectRequest): string {
  const { file, cwd, environment = '', project = '', instance = '', unnamed } = request;
  const name = digest([file, cwd, environment, project, instance, unnamed]).slice(0, 12);
  return path.join(root, STATE_FOLDER, `mesh-${name}.json`);
}

function keyOf(request: ProjectRequest, place: Place, texts: ReadonlyMap<string, string>): string {
  const root = path.dirname(request.file);
  const remaps =
    readAll([portRemapFile(root, place.project)])
      ?.values()
      .next().value ?? '';
  const { file, cwd, environment = '' } = request;
  const { project, instance } = place;
  const parts = [project, instance?.name ?? '', String(instance?.offset ?? 0)];
  return digest([BUILD_ID ?? '', file, cwd, environment, ...parts, remaps, ...[...texts].flat()]);
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 32);
}

/** Path → text; nothing when one cannot be read. */
function readAll(files: readonly string[]): Map<string, string> | undefined {
  try {
    return new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  } catch {
    return undefined;
  }
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'key' in value && 'mesh' in value && 'preferred' in value;
}
