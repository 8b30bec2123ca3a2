import type { KeyEntry } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { createMember, earlierRuns, leaderKey, type Member, memberKey, parseCluster } from '../../src/core/cluster.ts';

const silo = { clusterId: 'test', serviceId: 'test', siloPort: 11_111, gatewayPort: 30_000 };
const member = (address: string, second = 0) =>
  createMember(silo, address, new Date(Date.UTC(2030, 0, 1, 0, 0, second)));
const record = (of: Member, session: string | undefined): KeyEntry => ({
  key: memberKey('test', of),
  value: JSON.stringify(of),
  session,
});
const leads = (session: string | undefined): KeyEntry => ({ key: leaderKey('test'), value: '{}', session });

describe('a member', () => {
  it('is another one after each start', () => {
    expect(member('10.0.0.1').id).toBe('10.0.0.1:11111@1893456000');
    expect(member('fe80::1', 5).id).toBe('[fe80::1]:11111@1893456005');
  });
});

describe('the cluster', () => {
  it('has those whose session lives, by when they joined', () => {
    const [old, young, gone] = [member('10.0.0.2', 1), member('10.0.0.1', 2), member('10.0.0.3')];
    const cluster = parseCluster('test', [
      record(young, 's2'),
      record(old, 's1'),
      record(gone, undefined),
      leads('s2'),
    ]);
    expect(cluster).toEqual({
      members: [
        { ...old, session: 's1' },
        { ...young, session: 's2' },
      ],
      leaderSession: 's2',
    });
  });

  it('has no leader while nobody holds the key', () => {
    expect(parseCluster('test', [leads(undefined)]).leaderSession).toBeUndefined();
    expect(parseCluster('test', [])).toEqual({ members: [], leaderSession: undefined });
  });

  it('passes over what is no record', () => {
    const key = memberKey('test', member('10.0.0.1'));
    for (const value of ['', 'text', 'null', '{"id":"a"}']) {
      expect(parseCluster('test', [{ key, value, session: 's' }]).members).toEqual([]);
    }
  });

  it('knows the earlier runs of a silo by its address and port', () => {
    const own = { ...member('10.0.0.1', 9), session: 'now' };
    const earlier = { ...member('10.0.0.1', 1), session: 'before' };
    const within = { ...member('10.0.0.1', 9), session: 'the same second' };
    const other = { ...member('10.0.0.2', 1), session: 'other' };
    const cluster = { members: [earlier, within, other, own], leaderSession: undefined };
    expect(earlierRuns(cluster, own)).toEqual([earlier, within]);
  });
});
