import { expect, it } from 'vitest';
import { instanceOf } from '../../../../src/engine/process/observe-records.ts';
import type { ProcessRecord, ProcessSpec } from '../../../../src/engine/process/process-spec.ts';

const ports = [{ containerPort: 80, protocol: 'tcp', hostPort: 20_401 }] as const;
const spec = { node: 'api', replica: 2, id: 'shop-api-2', name: 'shop-api-2', imageId: 'x', ports } as unknown;

function portsOf(record: Partial<ProcessRecord>) {
  return instanceOf({ spec: spec as ProcessSpec, state: 'running', restarts: 0, ...record }).ports;
}

it('keeps its ports while it waits to be restarted, so that its readiness is asked for at them', () => {
  expect(portsOf({ process: { pid: 1, startedAt: '' } })).toEqual(ports);
  expect(portsOf({ state: 'restarting' })).toEqual(ports);
  expect(portsOf({ state: 'exited' })).toEqual([]);
});
