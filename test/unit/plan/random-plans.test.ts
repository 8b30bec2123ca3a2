import { describe, expect, it } from 'vitest';
import type { Mesh, NeedCondition } from '../../../src/mesh/mesh.ts';
import type { Action, Plan } from '../../../src/plan/plan.ts';
import { printPlan } from '../../../src/plan/print-plan.ts';
import { createRandom, type Random } from '../random.ts';
import { meshWith, need, nodeWith } from '../render/mesh-builder.ts';
import { imagesOf, NOTHING, planWith } from './plan-bench.ts';

const MESHES = 200;

describe('planUp on random meshes', () => {
  it.each(Array.from({ length: MESHES }, (_, seed) => [seed]))(
    'starts nothing before its needs are met (seed %i)',
    (seed) => {
      const mesh = randomMesh(createRandom(seed));
      const world = { ...NOTHING, observed: { instances: [], images: imagesOf(mesh) } };
      const plan = planWith(mesh, world);
      expect(missingOrders(mesh, plan)).toEqual([]);
      expect(plan.actions.map(({ id }) => id)).toEqual(plan.actions.map((_, index) => index + 1));
      // Prerequisites come first, so that the printed plan reads downwards and can have no cycle.
      expect(plan.actions.filter(({ id, after }) => after.some((prerequisite) => prerequisite >= id))).toEqual([]);
      expect(printPlan(planWith(mesh, world))).toBe(printPlan(plan));
    },
  );
});

/** Nodes in a random order, each needing some of those that are "below" it. */
function randomMesh(random: Random): Mesh {
  const names = random.shuffle(Array.from({ length: random.upTo(40) }, (_, index) => `n${index}`));
  const nodes = names.map((name, index) => {
    const job = random.chance(0.2);
    const needs = names.slice(0, index).filter(() => random.chance(0.15));
    return { name, job, needs };
  });
  const isJob = (name: string) => nodes.find((node) => node.name === name)?.job === true;
  const condition = (name: string) =>
    random.pick<NeedCondition>(isJob(name) ? ['ready', 'started', 'completed'] : ['ready', 'started']);
  return meshWith({
    nodes: random
      .shuffle(nodes)
      .map(({ name, job, needs }) =>
        nodeWith({ name, job, needs: needs.map((target) => need(target, condition(target))) }),
      ),
  });
}

/** Every start must come after its node's own instances and after a wait that means what the need says. */
function missingOrders(mesh: Mesh, plan: Plan): string[] {
  return mesh.nodes.flatMap((node) => {
    const start = plan.actions.find((action) => action.kind === 'start' && action.node === node.name);
    if (start === undefined) return [`${node.name} is never started`];
    const before = start.after.flatMap((id) => plan.actions.find((action) => action.id === id) ?? []);
    const missing = node.needs.filter(({ node: name, condition }) => {
      const job = mesh.nodes.find((candidate) => candidate.name === name)?.job === true;
      const until = condition === 'ready' && job ? 'completed' : condition;
      return !before.some((action) => isWait(action, name, until) && hasStart(plan, action));
    });
    const created = before.some((action) => action.kind === 'create' && action.node === node.name);
    return [
      ...missing.map((absent) => `${node.name} does not wait until ${absent.node} is ${absent.condition}`),
      ...(created ? [] : [`${node.name} is started before it is created`]),
    ];
  });
}

function isWait(action: Action, node: string, until: NeedCondition): boolean {
  return action.kind === 'wait' && action.node === node && action.until === until;
}

/** A wait is for a start that has happened. */
function hasStart(plan: Plan, wait: Action): boolean {
  return plan.actions.some(({ id, kind, node }) => wait.after.includes(id) && kind === 'start' && node === wait.node);
}
