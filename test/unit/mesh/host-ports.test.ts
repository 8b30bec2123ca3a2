import { describe, expect, it } from 'vitest';
import { type PortWish, planHostPorts } from '../../../src/mesh/host-ports.ts';
import { AT } from '../render/mesh-builder.ts';

function wish(
  node: string,
  ports: readonly number[] | 'auto' | 'none',
  transport: PortWish['transport'] = 'tcp',
): PortWish {
  return {
    node,
    endpoint: 'http',
    transport,
    at: AT,
    wish: typeof ports === 'string' ? { kind: ports } : { kind: 'ports', ports },
  };
}

/** `remaps` as `--remap-ports` leaves them: the port alone. */
function plan(wishes: readonly PortWish[], remaps: Readonly<Record<string, number>> = {}): Record<string, unknown> {
  const entries = Object.entries(remaps).map(([key, port]) => [key, { port }]);
  const { ports, diagnostics } = planHostPorts(wishes, Object.fromEntries(entries));
  return { ...Object.fromEntries(ports), problems: diagnostics.map((diagnostic) => diagnostic.message) };
}

const fixed = (port: number) => ({ kind: 'fixed', port });

describe('planHostPorts', () => {
  it('gives what is asked for', () => {
    expect(plan([wish('a', [80]), wish('b', 'auto'), wish('c', 'none'), wish('d', [90, 91])])).toEqual({
      'a.http': fixed(80),
      'b.http': { kind: 'auto' },
      'c.http': { kind: 'none' },
      'd.http': fixed(90),
      problems: [],
    });
  });

  it('serves those with one port before those with a list, wherever they stand', () => {
    const expected = {
      'list.http': { kind: 'fixed', port: 5010, insteadOf: 5001, because: "5001 is one's" },
      'one.http': fixed(5001),
      problems: [],
    };
    expect(plan([wish('list', [5001, 5010]), wish('one', [5001])])).toEqual(expected);
    expect(plan([wish('one', [5001]), wish('list', [5001, 5010])])).toEqual(expected);
  });

  it('serves short lists before long ones', () => {
    expect(plan([wish('long', [1, 2, 3]), wish('short', [1, 2])])).toMatchObject({
      'short.http': fixed(1),
      'long.http': { port: 2 },
    });
  });

  it('keeps tcp and udp apart', () => {
    expect(plan([wish('a', [53]), wish('b', [53], 'udp')])).toMatchObject({ problems: [] });
    expect(plan([wish('a', [53], 'udp'), wish('b', [53], 'udp')]).problems).toHaveLength(1);
  });

  it('reports every conflict with the holder and a port that is free', () => {
    const { diagnostics } = planHostPorts(
      [wish('a', [80]), wish('b', [80]), wish('c', [81]), wish('d', [80, 81, 80])],
      {},
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'b.http and a.http both want host port 80',
      'd.http: others have every host port that it asks for: 80, 81',
    ]);
    expect(diagnostics.map(({ hint }) => hint)).toEqual([
      'give one of them another port, such as `host: 81`, or let it choose: `host: [80, 81]`',
      'give one of them another port, such as `host: 82`, or let it choose: `host: [80, 81, 82]`',
    ]);
    expect(diagnostics[1]?.related?.map(({ message }) => message)).toEqual(['a.http has 80', 'c.http has 81']);
  });

  it('proposes a port that exists', () => {
    const { diagnostics } = planHostPorts([wish('a', [65_535]), wish('b', [65_535])], {});
    expect(diagnostics[0]?.hint).toContain('`host: 1024`');
  });

  it('follows a remap of this machine, and says instead of what', () => {
    expect(plan([wish('a', [5000])], { 'a.http': 41_000 })).toEqual({
      'a.http': {
        kind: 'fixed',
        port: 41_000,
        insteadOf: 5000,
        onlyHere: true,
        because: '5000 was taken on this machine (to forget it, delete .mesh/ports-*.json)',
      },
      problems: [],
    });
  });

  it('ignores a remap that somebody else has by right, or that is of no use', () => {
    expect(plan([wish('a', [5000]), wish('b', [41_000])], { 'b.http': 5000 })).toMatchObject({
      'a.http': fixed(5000),
      'b.http': fixed(41_000),
    });
    expect(plan([wish('a', 'none'), wish('b', 'auto')], { 'a.http': 1, 'b.http': 2 })).toMatchObject({
      'a.http': { kind: 'none' },
      'b.http': { kind: 'auto' },
    });
    expect(plan([wish('a', [5000])], { 'a.http': 5000 })).toMatchObject({ 'a.http': fixed(5000) });
  });

  it('lets a remap free its port for another one', () => {
    expect(plan([wish('a', [5000]), wish('b', [5000])], { 'a.http': 41_000 })).toMatchObject({
      'b.http': fixed(5000),
      problems: [],
    });
  });

  it('keeps a list away from the port that made another one move', () => {
    const wishes = [wish('a', [5001]), wish('b', [5001, 5010])];
    expect(plan(wishes, { 'a.http': 41_000 })).toMatchObject({ 'a.http': { port: 41_000 }, 'b.http': { port: 5010 } });
  });

  it('does not let a remap take the port that another one needs', () => {
    expect(plan([wish('a', [5000]), wish('b', [5001])], { 'a.http': 5001 })).toMatchObject({
      'b.http': fixed(5001),
      problems: [],
    });
  });

  it('tells the reason of a remap that has one, and not that the port was taken', () => {
    const { ports } = planHostPorts([wish('a', [5000])], {
      'a.http': { port: 5100, because: 'instance x: 5000 + 100' },
    });
    expect(ports.get('a.http')).toEqual({ kind: 'fixed', port: 5100, because: 'instance x: 5000 + 100' });
  });
});
