import type { MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh } from '../built-by-mesh.ts';

/** What is known about an image, so that it can run without root. */
export interface ImageFacts {
  readonly user: number;
  readonly group: number;
  /** Where it writes. */
  readonly dataPath?: string | undefined;
  /** What makes it start without root. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Why it needs those variables. */
  readonly because?: string | undefined;
}

/** By the name on Docker Hub, without registry. The numbers are those in the images' own Dockerfiles. */
const KNOWN: Readonly<Record<string, (tag: string) => ImageFacts>> = {
  postgres: (tag) => ({
    ...(isAlpine(tag) ? { user: 70, group: 70 } : { user: 999, group: 999 }),
    dataPath: POSTGRES_DATA,
    env: { PGDATA: `${POSTGRES_DATA}/pgdata` },
    because: 'the folder of the data must be its own, which the root of a volume is not',
  }),
  rabbitmq: (tag) => ({
    ...(isAlpine(tag) ? { user: 100, group: 101 } : { user: 999, group: 999 }),
    dataPath: '/var/lib/rabbitmq',
  }),
  redis: (tag) => ({ user: 999, group: isAlpine(tag) ? 1000 : 999, dataPath: '/data' }),
  'hashicorp/consul': () => CONSUL,
  consul: () => CONSUL,
  'prom/prometheus': () => PROMETHEUS,
  'prometheus/prometheus': () => PROMETHEUS,
  'grafana/grafana': () => ({ user: 472, group: 0, dataPath: '/var/lib/grafana' }),
};

const POSTGRES_DATA = '/var/lib/postgresql/data';
const PROMETHEUS: ImageFacts = { user: 65534, group: 65534, dataPath: '/prometheus' };
const CONSUL: ImageFacts = {
  user: 100,
  group: 1000,
  dataPath: '/consul/data',
  env: { CONSUL_DISABLE_PERM_MGMT: 'true' },
  because: 'its start script would change owners and users, which only root may',
};

/** The users of the images that mesh writes the Dockerfiles of: see `USER` there. */
const BUILT: Readonly<Record<'dotnet' | 'node', ImageFacts>> = {
  dotnet: { user: 1654, group: 1654 },
  node: { user: 1000, group: 1000 },
};

/** What is known about the image of a node; nothing for images of others and for a user's own Dockerfile. */
export function imageFacts(node: MeshNode): ImageFacts | undefined {
  const facts = isBuiltByMesh(node) ? builtFacts(node) : node.build === undefined ? knownFacts(node.image) : undefined;
  return withOwnUser(facts, node.user);
}

function builtFacts({ build }: MeshNode): ImageFacts | undefined {
  return build === undefined || build.kind === 'dockerfile' ? undefined : BUILT[build.kind];
}

function knownFacts(image: string): ImageFacts | undefined {
  const { repository, tag } = splitImage(image);
  const known = Object.hasOwn(KNOWN, repository) ? KNOWN[repository] : undefined;
  return known?.(tag);
}

/** `docker.io/library/postgres:15@sha256:…` → `postgres`, `15`. */
function splitImage(image: string): { readonly repository: string; readonly tag: string } {
  const [name = ''] = image.split('@');
  const [, path = '', tag = ''] = /^(.*?)(?::([^:/]*))?$/.exec(name) ?? [];
  const words = path.split('/');
  const [first = ''] = words;
  const hasRegistry = words.length > 1 && /[.:]|^localhost$/.test(first);
  return { repository: (hasRegistry ? words.slice(1) : words).join('/').replace(/^library\//, ''), tag };
}

/** `user: 1000` or `1000:1000` of the manifest; a name cannot be checked by Kubernetes, so the image's number stays. */
function withOwnUser(facts: ImageFacts | undefined, own: string | undefined): ImageFacts | undefined {
  const [, user, group] = /^(\d+)(?::(\d+))?$/.exec(own === 'root' ? '0' : (own ?? '')) ?? [];
  if (user === undefined) return facts;
  return { ...facts, user: Number(user), group: Number(group ?? facts?.group ?? user) };
}

function isAlpine(tag: string): boolean {
  return tag.includes('alpine');
}
