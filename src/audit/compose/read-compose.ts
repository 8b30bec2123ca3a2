import type { Source } from '../../diagnostics/location.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import type { MapEntry, Tree } from '../../manifest/tree.ts';
import { canonicalComposeMemory, canonicalCpu } from '../amounts.ts';
import { type Fact, type FactValue, factMap, type KnownHost, type ServiceFacts, type TargetFacts, textValue } from '../facts.ts';
import { splitImage } from '../image-name.ts';
import { entriesOf, field, fieldEntry, itemsOf, readDocuments, textOf, textsOf } from '../read-documents.ts';
import { splitWords } from '../split-words.ts';
import { interpolate, interpolateText } from './interpolate.ts';
import { readHealthFacts } from './read-health-facts.ts';
import { readPorts } from './read-ports.ts';

export interface ComposeOptions {
  /** Variable → the secret of the manifest that it carries. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
  /** The text of an `env_file`, by its path as it is written. */
  readonly envFile?: ((path: string) => string | undefined) | undefined;
}

/**
 * A compose file as facts, in whichever of Compose's forms it is written.
 *
 * @throws InvalidInput when it is no YAML
 */
export function readCompose(source: Source, options: ComposeOptions = {}): TargetFacts {
  const read = readDocuments(source);
  if (read.value === undefined) throw new InvalidInput(read.diagnostics, new Map([[source.file, source]]));
  const root = read.value[0];
  const entries = entriesOf(field(root, 'services'));
  const services = entries.map(([name, entry]) => readService(name, entry, { root, options }));
  return {
    target: 'compose',
    services: new Map(services.map((service) => [service.name, service])),
    hosts: entries.flatMap(([name, { tree }]) => hostsOf(name, tree)),
  };
}

interface Scope {
  readonly root: Tree | undefined;
  readonly options: ComposeOptions;
}

function readService(name: string, entry: MapEntry, scope: Scope): ServiceFacts {
  const service = entry.tree;
  const facts = [
    ...readImage(service),
    ...readEnvironment(service, scope),
    ...readPorts(service),
    ...readHealthFacts(service),
    ...readResources(service),
    ...readDependencies(service),
    ...readLabels(service),
    ...readRuns(service),
    ...readMounts(service, scope),
  ];
  const replicas = fieldEntry(service, 'deploy', 'replicas') ?? fieldEntry(service, 'scale');
  const count = textOf(replicas?.tree) ?? '1';
  facts.push({ aspect: 'replicas', key: '', value: textValue(count), at: replicas?.tree.at ?? entry.keyAt });
  return { name, facts: factMap(facts), at: entry.keyAt };
}

/** The service answers to its own name and to its aliases; replicas have that of their first as one. */
function hostsOf(name: string, service: Tree): KnownHost[] {
  const aliases = entriesOf(field(service, 'networks')).flatMap(([, network]) =>
    itemsOf(field(network.tree, 'aliases')).flatMap((alias) => textOf(alias) ?? []),
  );
  const container = textOf(field(service, 'container_name'));
  const node = textsOf(field(service, 'labels'))['dev.mesh.node'] ?? name;
  return [name, ...(container === undefined ? [] : [container])]
    .map((host) => ({ host, node }))
    .concat(aliases.map((host) => ({ host, node })));
}

/** Text with its variables, of which those that carry a secret of the manifest are secrets. */
function valueOf(text: string, { options }: Scope): FactValue {
  return interpolate(text).map((part) => {
    const secret = part.kind === 'variable' ? options.secrets?.get(part.name) : undefined;
    return secret === undefined || part.kind !== 'variable' ? part : { ...part, kind: 'secret', name: secret };
  });
}

function readImage(service: Tree): Fact[] {
  const entry = fieldEntry(service, 'image');
  const image = textOf(entry?.tree);
  if (entry === undefined || image === undefined) return [];
  const { repository, tag } = splitImage(interpolateText(image));
  return [
    { aspect: 'image', key: 'repository', value: textValue(repository), at: entry.tree.at },
    { aspect: 'image', key: 'tag', value: textValue(tag), at: entry.tree.at },
  ];
}

function readEnvironment(service: Tree, scope: Scope): Fact[] {
  const variable = (name: string, text: string | undefined, at: Tree['at']): Fact => {
    // Named without a value, it is taken over from the environment of whoever runs Compose.
    const value = text === undefined ? interpolate(`\${${name}}`) : valueOf(text, scope);
    return { aspect: 'variable', key: name, value, at };
  };
  const environment = field(service, 'environment');
  const fromList = itemsOf(environment).map((item) => {
    const [name = '', ...rest] = (textOf(item) ?? '').split('=');
    return variable(name, rest.length === 0 ? undefined : rest.join('='), item.at);
  });
  const fromMap = entriesOf(environment).map(([name, { tree }]) => variable(name, textOf(tree), tree.at));
  return [...readEnvFiles(service, scope, variable), ...fromList, ...fromMap];
}

function readEnvFiles(
  service: Tree,
  { options }: Scope,
  variable: (name: string, text: string | undefined, at: Tree['at']) => Fact,
): Fact[] {
  const files = field(service, 'env_file');
  return (files?.kind === 'sequence' ? files.items : files === undefined ? [] : [files]).flatMap((file) => {
    const path = textOf(file) ?? textOf(field(file, 'path')) ?? '';
    const lines = (options.envFile?.(path) ?? '').split(/\r?\n/);
    return lines.flatMap((line) => {
      const [, name, value = ''] = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined ? [] : variable(name, value.replace(/^(["'])(.*)\1$/, '$2'), file.at);
    });
  });
}

function readResources(service: Tree): Fact[] {
  const of = (key: string, ...paths: readonly (readonly string[])[]): Fact[] => {
    const entry = paths.map((path) => fieldEntry(service, ...path)).find((found) => found !== undefined);
    const text = textOf(entry?.tree);
    if (entry === undefined || text === undefined) return [];
    const amount = interpolateText(text);
    const value = textValue(key.endsWith('cpu') ? canonicalCpu(amount) : canonicalComposeMemory(amount));
    return [{ aspect: 'resources', key, value, at: entry.tree.at }];
  };
  const deploy = ['deploy', 'resources'];
  return [
    ...of('limits cpu', [...deploy, 'limits', 'cpus'], ['cpus']),
    ...of('limits memory', [...deploy, 'limits', 'memory'], ['mem_limit']),
    ...of('requests cpu', [...deploy, 'reservations', 'cpus']),
    ...of('requests memory', [...deploy, 'reservations', 'memory'], ['mem_reservation']),
  ];
}

function readDependencies(service: Tree): Fact[] {
  const needs = field(service, 'depends_on');
  const short = itemsOf(needs).map((item): Fact => {
    return { aspect: 'dependency', key: textOf(item) ?? '', value: textValue('service_started'), at: item.at };
  });
  const long = entriesOf(needs).map(([key, { keyAt, tree }]): Fact => {
    const condition = textOf(field(tree, 'condition')) ?? 'service_started';
    const optional = textOf(field(tree, 'required')) === 'false' ? ' (optional)' : '';
    return { aspect: 'dependency', key, value: textValue(`${condition}${optional}`), at: keyAt };
  });
  return [...short, ...long];
}

function readLabels(service: Tree): Fact[] {
  const labels = field(service, 'labels');
  const fromMap = entriesOf(labels).map(([key, { tree }]) => ({ key, text: textOf(tree) ?? '', at: tree.at }));
  const fromList = itemsOf(labels).map((item) => {
    const [key = '', ...rest] = (textOf(item) ?? '').split('=');
    return { key, text: rest.join('='), at: item.at };
  });
  return [...fromMap, ...fromList].map(({ key, text, at }) => ({
    aspect: 'label',
    key,
    value: textValue(interpolateText(text)),
    at,
  }));
}

function readRuns(service: Tree): Fact[] {
  const words = (key: string): Fact[] => {
    const entry = fieldEntry(service, key);
    if (entry === undefined || (entry.tree.kind === 'scalar' && entry.tree.value === null)) return [];
    const list = entry.tree.kind === 'sequence' ? entry.tree.items.map((item) => textOf(item) ?? '') : undefined;
    const value = (list ?? splitWords(textOf(entry.tree) ?? '')).map(interpolateText);
    return [{ aspect: 'runs', key, value: textValue(JSON.stringify(value)), at: entry.tree.at }];
  };
  const text = (key: string): Fact[] => {
    const entry = fieldEntry(service, key);
    const found = textOf(entry?.tree);
    if (entry === undefined || found === undefined) return [];
    return [{ aspect: 'runs', key, value: textValue(interpolateText(found)), at: entry.tree.at }];
  };
  return [
    ...words('entrypoint'),
    ...words('command'),
    ...words('profiles'),
    ...text('user'),
    ...text('restart'),
    ...text('stop_grace_period'),
    ...text('init'),
    ...text('pull_policy'),
    ...readBuild(service),
    ...readSysctls(service),
  ];
}

function readBuild(service: Tree): Fact[] {
  const build = field(service, 'build');
  const context = textOf(build) ?? textOf(field(build, 'context'));
  if (build === undefined || context === undefined) return [];
  const dockerfile = textOf(field(build, 'dockerfile')) ?? 'Dockerfile';
  const value = textValue(`${interpolateText(dockerfile)} in ${interpolateText(context)}`);
  return [{ aspect: 'runs', key: 'build', value, at: build.at }];
}

function readSysctls(service: Tree): Fact[] {
  const sysctls = field(service, 'sysctls');
  const list = itemsOf(sysctls).map((item) => textOf(item) ?? '');
  const map = entriesOf(sysctls).map(([name, { tree }]) => `${name}=${textOf(tree) ?? ''}`);
  if (sysctls === undefined) return [];
  return [{ aspect: 'runs', key: 'sysctls', value: textValue([...list, ...map].sort().join(' ')), at: sysctls.at }];
}

function readMounts(service: Tree, scope: Scope): Fact[] {
  const volumes = itemsOf(field(service, 'volumes')).map((item): Fact => {
    const text = interpolateText(textOf(item) ?? '');
    const [source = '', target = source] = text.split(':');
    const of = (key: string) => interpolateText(textOf(field(item, key)) ?? '');
    return item.kind === 'map'
      ? { aspect: 'volume', key: of('target'), value: textValue(of('source')), at: item.at }
      : { aspect: 'volume', key: target, value: textValue(source), at: item.at };
  });
  const configs = itemsOf(field(service, 'configs')).map((item): Fact => {
    const source = textOf(item) ?? textOf(field(item, 'source')) ?? '';
    const target = textOf(field(item, 'target')) ?? `/${source}`;
    const content = field(scope.root, 'configs', source, 'content');
    const value = valueOf(textOf(content) ?? '', scope);
    return { aspect: 'file', key: interpolateText(target), value, at: content?.at ?? item.at };
  });
  const secrets = itemsOf(field(service, 'secrets')).map((item): Fact => {
    const name = textOf(item) ?? textOf(field(item, 'source')) ?? '';
    const target = textOf(field(item, 'target')) ?? name;
    const key = target.startsWith('/') ? target : `/run/secrets/${target}`;
    return { aspect: 'file', key, value: [{ kind: 'secret', name }], at: item.at };
  });
  return [...volumes, ...configs, ...secrets];
}
