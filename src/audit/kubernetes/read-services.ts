import type { Tree } from '../../manifest/tree.ts';
import { type Fact, textValue } from '../facts.ts';
import { field, itemsOf, textOf, textsOf } from '../read-documents.ts';
import { labelText } from './canonical-text.ts';
import { type ContainerPort, resolvePort, servicePortsOf } from './containers.ts';
import type { KubeObject } from './objects.ts';

/** What others see of a workload: the type and ports of its Services, and what an Ingress leads to it. */
export function readServices(
  services: readonly KubeObject[],
  opened: readonly ContainerPort[],
  ingresses: readonly KubeObject[],
): Fact[] {
  // A headless one only gives each pod a name; what others call is the other one.
  const called = services.filter(({ tree }) => textOf(field(tree, 'spec', 'clusterIP')) !== 'None');
  const shown = called.length > 0 ? called : services;
  const types = shown.slice(0, 1).flatMap((service): Fact[] => {
    const type = field(service.tree, 'spec', 'type');
    const at = type?.at ?? service.at;
    return [
      { aspect: 'service-type', key: 'name', value: textValue(service.name), at: service.at },
      { aspect: 'service-type', key: 'type', value: textValue(textOf(type) ?? 'ClusterIP'), at },
      ...readSelector(service),
    ];
  });
  const ports = shown.flatMap((service) =>
    servicePortsOf(service).map(({ name, port, protocol, target, at }): Fact => {
      const inside = resolvePort(target, opened);
      const value = textValue(`${name ?? ''} → ${inside ?? target}`);
      return { aspect: 'service-port', key: `${port}/${protocol.toLowerCase()}`, value, at };
    }),
  );
  return [...types, ...ports, ...services.flatMap((service) => ingressTo(service, opened, ingresses))];
}

function readSelector({ tree }: KubeObject): Fact[] {
  const selector = field(tree, 'spec', 'selector');
  if (selector === undefined) return [];
  return [
    { aspect: 'selector', key: 'of the Service', value: textValue(labelText(textsOf(selector))), at: selector.at },
  ];
}

function ingressTo(service: KubeObject, opened: readonly ContainerPort[], ingresses: readonly KubeObject[]): Fact[] {
  return ingresses.flatMap((ingress) =>
    backendsOf(ingress).flatMap((backend): Fact[] => {
      if (textOf(field(backend, 'service', 'name')) !== service.name) return [];
      const port = field(backend, 'service', 'port', 'name') ?? field(backend, 'service', 'port', 'number');
      const written = textOf(port) ?? '';
      const behind = servicePortsOf(service).find(
        ({ name, port: number }) => name === written || String(number) === written,
      );
      const inside = behind === undefined ? undefined : resolvePort(behind.target, opened);
      return [{ aspect: 'ingress', key: '', value: textValue(String(inside ?? written)), at: backend.at }];
    }),
  );
}

export function backendsOf(ingress: KubeObject): Tree[] {
  const fallback = field(ingress.tree, 'spec', 'defaultBackend');
  const rules = itemsOf(field(ingress.tree, 'spec', 'rules')).flatMap((rule) =>
    itemsOf(field(rule, 'http', 'paths')).flatMap((path) => field(path, 'backend') ?? []),
  );
  return [...(fallback === undefined ? [] : [fallback]), ...rules];
}
