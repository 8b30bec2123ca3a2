import type { Code } from '../../diagnostics/catalogue.ts';
import type { Aspect, Fact } from '../facts.ts';

/** How people call an aspect, and the code of a difference in it. */
const ASPECTS: Readonly<Record<Aspect, { readonly word: string; readonly code: Code }>> = {
  service: { word: 'service', code: 'MESH4101' },
  variable: { word: 'variable', code: 'MESH4102' },
  port: { word: 'port', code: 'MESH4104' },
  published: { word: 'published port', code: 'MESH4104' },
  'service-port': { word: 'Service port', code: 'MESH4104' },
  'service-type': { word: 'Service', code: 'MESH4104' },
  ingress: { word: 'Ingress', code: 'MESH4104' },
  probe: { word: 'probe', code: 'MESH4105' },
  resources: { word: 'resources', code: 'MESH4106' },
  replicas: { word: 'replicas', code: 'MESH4107' },
  image: { word: 'image', code: 'MESH4108' },
  dependency: { word: 'dependency on', code: 'MESH4109' },
  label: { word: 'label', code: 'MESH4110' },
  selector: { word: 'selector', code: 'MESH4208' },
  runs: { word: 'setting', code: 'MESH4111' },
  file: { word: 'file', code: 'MESH4112' },
  volume: { word: 'volume at', code: 'MESH4112' },
};

export function factWords({ aspect, key }: Pick<Fact, 'aspect' | 'key'>): string {
  const { word } = ASPECTS[aspect];
  return key === '' ? word : `${word} ${key}`;
}

export function aspectCode(aspect: Aspect): Code {
  return ASPECTS[aspect].code;
}
