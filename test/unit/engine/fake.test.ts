import { createFakeEngine } from '../../../src/engine/fake/create-fake-engine.ts';
import { createVirtualClock } from '../time/virtual-clock.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('the fake engine', async (nodes) => {
  const clock = createVirtualClock();
  const images = { 'mesh-contract.invalid/none:1': { here: false } };
  const engine = createFakeEngine({ clock, nodes, images });
  return {
    engine,
    clock,
    project: 'contract',
    publish: () => {},
    leftovers: { networks: ['network contract_default'], volumes: ['volume contract_rows'] },
    [Symbol.asyncDispose]: async () => engine.close(),
  };
});
