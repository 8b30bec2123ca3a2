import { createLogger, type Instance } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { Watchers, type WatchStream } from '../../src/discovery/watchers.ts';

const log = createLogger('test', 'silent');

function instance(id: string, service = 'a'): Instance {
  return { id, service, address: 'h', port: 1, scheme: 'http', healthPath: '', passing: true, metadata: {} };
}

/** Notes what it is sent, and accepts at once or when it is told to. */
function stream(pace: 'quick' | 'slow' = 'quick') {
  const sent: string[] = [];
  let accept = (): void => undefined;
  const watch: WatchStream = {
    send(instances, accepted) {
      sent.push(instances.map(({ id }) => id).join(' '));
      accept = accepted;
      if (pace === 'quick') {
        accepted();
      }
    },
    end: () => void sent.push('end'),
  };
  return { watch, sent, accept: () => accept() };
}

describe('Watchers', () => {
  it('sends what is there at once, and then only what differs', () => {
    const watchers = new Watchers(log);
    const { watch, sent } = stream();
    watchers.publish([instance('a-1')]);
    watchers.add('a', watch);
    watchers.publish([instance('a-1')]);
    watchers.publish([instance('b-1', 'b'), instance('a-1')]);
    watchers.publish([instance('a-2'), instance('b-1', 'b'), instance('a-1')]);
    watchers.publish([instance('a-1'), instance('a-2')]);
    watchers.publish([]);
    expect(sent).toEqual(['a-1', 'a-1 a-2', '']);
  });

  it('sends all services to whoever names none', () => {
    const watchers = new Watchers(log);
    const { watch, sent } = stream();
    watchers.publish([]);
    watchers.add('', watch);
    watchers.publish([instance('b-1', 'b'), instance('a-1')]);
    expect(sent).toEqual(['', 'a-1 b-1']);
  });

  it('leaves out for a slow watcher what lay between', () => {
    const watchers = new Watchers(log);
    const { watch, sent, accept } = stream('slow');
    watchers.add('a', watch);
    for (let count = 1; count <= 100; count += 1) {
      watchers.publish([instance(`a-${count}`)]);
    }
    expect(sent).toEqual(['']);
    accept();
    expect(sent).toEqual(['', 'a-100']);
  });

  it('sends nothing to a watcher that has left', () => {
    const watchers = new Watchers(log);
    const { watch, sent, accept } = stream('slow');
    const leave = watchers.add('a', watch);
    leave();
    watchers.publish([instance('a-1')]);
    accept();
    expect(sent).toEqual(['']);
    expect(watchers.count).toBe(0);
  });

  it('takes a thousand and no more', () => {
    const watchers = new Watchers(log);
    for (let count = 0; count < 1000; count += 1) {
      watchers.add('a', stream().watch);
    }
    expect(() => watchers.add('a', stream().watch)).toThrow('1000 watchers already');
  });

  it('ends all streams when it ends', () => {
    const watchers = new Watchers(log);
    const { watch, sent } = stream();
    watchers.add('a', watch);
    watchers.end();
    expect(sent).toEqual(['', 'end']);
  });
});
