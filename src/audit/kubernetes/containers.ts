import type { Location } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import { entriesOf, field, fieldEntry, itemsOf, numberOf, textOf } from '../read-documents.ts';
import type { KubeObject, Workload } from './objects.ts';

/** A port that a container opens. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
  readonly at: Location;
}

export function podSpec(workload: Workload): Tree | undefined {
  return field(workload.template, 'spec');
}

/** The containers that go on running; a side container that starts as an init container is one of them. */
export function containersOf(workload: Workload): readonly Tree[] {
  const early = itemsOf(field(podSpec(workload), 'initContainers'));
  const beside = early.filter((container) => textOf(field(container, 'restartPolicy')) === 'Always');
  return [...itemsOf(field(podSpec(workload), 'containers')), ...beside];
}

export function allContainersOf(workload: Workload): readonly Tree[] {
  return [...itemsOf(field(podSpec(workload), 'containers')), ...itemsOf(field(podSpec(workload), 'initContainers'))];
}

export function portsOf(container: Tree | undefined): ContainerPort[] {
  return itemsOf(field(container, 'ports')).map((item) => ({
    name: textOf(field(item, 'name')),
    port: numberOf(field(item, 'containerPort')) ?? 0,
    protocol: textOf(field(item, 'protocol')) ?? 'TCP',
    at: field(item, 'containerPort')?.at ?? item.at,
  }));
}

/** A port by its number or by its name; a number stands for itself, whether a container declares it or not. */
export function resolvePort(written: string, ports: readonly ContainerPort[]): number | undefined {
  if (/^\d+$/.test(written)) return Number(written);
  return ports.find(({ name }) => name === written)?.port;
}

/** One port of a Service, and where it leads to. */
export interface ServicePort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
  /** A number or the name of a container port. */
  readonly target: string;
  readonly at: Location;
  readonly targetAt: Location;
}

export function servicePortsOf(service: KubeObject): ServicePort[] {
  return itemsOf(field(service.tree, 'spec', 'ports')).map((item) => {
    const target = fieldEntry(item, 'targetPort');
    const port = numberOf(field(item, 'port')) ?? 0;
    return {
      name: textOf(field(item, 'name')),
      port,
      protocol: textOf(field(item, 'protocol')) ?? 'TCP',
      target: textOf(target?.tree) ?? String(port),
      at: field(item, 'port')?.at ?? item.at,
      targetAt: target?.tree.at ?? field(item, 'port')?.at ?? item.at,
    };
  });
}

/** What a ConfigMap or Secret holds: key → text and place. Base64 is opened. */
export interface HeldText {
  readonly text: string;
  readonly keyAt: Location;
  readonly at: Location;
}

export function heldTexts(object: KubeObject): ReadonlyMap<string, HeldText> {
  const held = new Map<string, HeldText>();
  const isSecret = object.kind === 'Secret';
  for (const [key, { keyAt, tree }] of entriesOf(field(object.tree, 'data'))) {
    const text = textOf(tree) ?? '';
    held.set(key, { text: isSecret ? fromBase64(text) : text, keyAt, at: tree.at });
  }
  for (const [key, { keyAt, tree }] of entriesOf(field(object.tree, isSecret ? 'stringData' : 'binaryData'))) {
    held.set(key, { text: textOf(tree) ?? '', keyAt, at: tree.at });
  }
  return held;
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(Buffer.from(text, 'base64')));
}
