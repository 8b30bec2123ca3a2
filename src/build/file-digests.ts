import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../time/clock.ts';
import { openStateFolder, readState, STATE_FOLDER, writeCache } from '../workspace/state-folder.ts';
import type { ContextEntry } from './context-files.ts';

/** Digests of file contents; what is known of an unchanged file is not read again. */
export interface FileDigests {
  /** Of the content of a file, or of the target of a link. */
  readonly of: (folder: string, entry: ContextEntry) => string;
  /** Keeps what was learnt for the next command. */
  readonly keep: () => void;
}

interface Kept {
  readonly v: 1;
  /** Absolute path → what the file looked like, and its digest. */
  readonly files: Readonly<Record<string, readonly [look: string, digest: string]>>;
}

/**
 * A file that changed this short ago may change again without looking different: the clock of a file system ticks as
 * seldom as every 2 s (FAT). Git calls such entries racy and does not trust them either. Milliseconds.
 */
const SETTLED_AFTER_MS = 2_000;
/** Above it, what is no longer used is forgotten. */
const MAX_KEPT = 100_000;

export function openFileDigests(root: string, clock: Clock): FileDigests {
  const before = readState(path.join(root, STATE_FOLDER, 'inputs.json'), isKept)?.files ?? {};
  const seen: Record<string, readonly [string, string]> = {};
  let learnt = false;
  return {
    of: (folder, { path: relative, kind, stat }) => {
      const file = path.join(folder, relative);
      if (kind === 'link') return digestOf(readlinkSync(file));
      const look = `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`;
      const known = seen[file] ?? before[file];
      if (known?.[0] === look) {
        seen[file] = known;
        return known[1];
      }
      const digest = digestOf(readFileSync(file));
      const changedMs = Math.max(Number(stat.mtimeNs / 1_000_000n), Number(stat.ctimeNs / 1_000_000n));
      if (clock.date().getTime() - changedMs > SETTLED_AFTER_MS) {
        seen[file] = [look, digest];
        learnt = true;
      }
      return digest;
    },
    keep: () => {
      if (!learnt) return;
      const old = Object.keys(before).length > MAX_KEPT ? {} : before;
      writeCache(path.join(openStateFolder(root), 'inputs.json'), {
        v: 1,
        files: { ...old, ...seen },
      } satisfies Kept);
    },
  };
}

function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 && 'files' in value;
}
