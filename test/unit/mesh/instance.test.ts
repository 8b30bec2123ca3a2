import { describe, expect, it } from 'vitest';
import {
  type Checkout,
  chooseInstance,
  instanceName,
  projectName,
  type RegisteredMesh,
} from '../../../src/mesh/instance.ts';

const MAIN: Checkout = { mesh: 'shop', root: '/src/shop', top: '/src/shop' };
const WORKTREE: Checkout = { mesh: 'shop', root: '/src/feature', top: '/src/feature', worktree: 'Feature/X' };

function registered(root: string, instance?: string, fields: Partial<RegisteredMesh> = {}): RegisteredMesh {
  const project = projectName('shop', instance);
  return { project, mesh: 'shop', instance, origin: 'derived', root, offset: 0, ports: [], ...fields };
}

/** `instance → project`; all folders are there but those named. */
function choose(checkout: Checkout, entries: readonly RegisteredMesh[] = [], gone: readonly string[] = []): string {
  const { instance = 'main', project, origin } = chooseInstance(checkout, entries, (root) => !gone.includes(root));
  return `${instance} → ${project}${origin === 'asked' ? ', asked' : ''}`;
}

describe('chooseInstance', () => {
  it('takes a main worktree or plain folder for the main one', () => {
    expect(choose(MAIN)).toBe('main → shop');
  });

  it('names the instance of a linked worktree after it', () => {
    expect(choose(WORKTREE)).toBe('feature-x → shop-feature-x');
  });

  it('takes the name that is asked for', () => {
    expect(choose({ ...WORKTREE, asked: 'b' })).toBe('b → shop-b, asked');
    expect(choose({ ...MAIN, asked: 'b' }, [registered('/src/shop')])).toBe('b → shop-b, asked');
  });

  it('lets --project win, and keeps the instance of the worktree for its ports', () => {
    expect(choose({ ...MAIN, project: 'mine' })).toBe('main → mine, asked');
    expect(choose({ ...WORKTREE, project: 'mine' })).toBe('feature-x → mine, asked');
    expect(choose({ ...WORKTREE, project: 'mine', asked: 'b' })).toBe('b → mine, asked');
  });

  it('names a second clone after its folder', () => {
    const clone = { mesh: 'shop', root: '/tmp/Clone 2/deploy', top: '/tmp/Clone 2' };
    expect(choose(clone, [registered('/src/shop')])).toBe('clone-2 → shop-clone-2');
  });

  it('gives every copy another name, however alike their folders are', () => {
    const clone = (root: string) => ({ mesh: 'shop', root, top: root });
    const entries = [registered('/src/shop'), registered('/a/shop', 'shop')];
    expect(choose(clone('/b/shop'), entries)).toBe('shop-2 → shop-shop-2');
    expect(choose({ ...WORKTREE, root: '/other' }, [registered('/src/feature', 'feature-x')])).toBe(
      'feature-x-2 → shop-feature-x-2',
    );
  });

  it('stays what it was, though the main one is gone', () => {
    expect(choose({ mesh: 'shop', root: '/b', top: '/b' }, [registered('/b', 'b')])).toBe('b → shop-b');
    expect(choose(MAIN, [registered('/src/shop'), registered('/b', 'b')])).toBe('main → shop');
  });

  it('takes over from a folder that is gone', () => {
    expect(choose(MAIN, [registered('/old')], ['/old'])).toBe('main → shop');
  });

  it('does not mistake a copy that was asked for, or another mesh of the folder, for its own', () => {
    expect(choose(MAIN, [registered('/src/shop', 'b', { origin: 'asked' })])).toBe('main → shop');
    expect(choose(MAIN, [registered('/src/shop', 'b', { mesh: 'other' })])).toBe('main → shop');
  });
});

describe('names', () => {
  it('makes a name valid for Compose, and none of what has nothing to it', () => {
    expect(['Feature/X', '  a  b ', 'ok_1', 'Grün!', '--x--'].map(instanceName)).toEqual([
      'feature-x',
      'a-b',
      'ok_1',
      'gr-n',
      'x',
    ]);
    expect(['', '///', '日本'].map(instanceName)).toEqual([undefined, undefined, undefined]);
  });

  it('cuts long names and keeps them apart', () => {
    const [one, two] = ['one', 'two'].map((end) => projectName('shop', `${'very-long-name-'.repeat(5)}${end}`));
    expect(one).toMatch(/^shop-very-long-name-[a-z-]+-[0-9a-f]{6}$/);
    expect(one?.length).toBeLessThanOrEqual(40);
    expect(one).not.toBe(two);
    expect(projectName('a'.repeat(63), undefined)).toHaveLength(63);
  });
});
