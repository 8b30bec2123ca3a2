import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findAvailable } from '../../../../src/engine/process/find-available.ts';
import { findEmbeddedPostgres } from '../../../../src/engine/process/hosts/embedded-postgres.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mesh-path-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, mode = 0o755): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
  return file;
}

describe('findAvailable', () => {
  test('finds the first program of a name on PATH', () => {
    const first = program('a/consul');
    program('b/consul');
    const { programs } = findAvailable({
      searchPath: [path.join(folder, 'a'), path.join(folder, 'b')].join(path.delimiter),
    });
    expect(programs.consul).toBe(first);
  });

  test('what cannot be run is no program', () => {
    program('consul', 0o644);
    mkdirSync(path.join(folder, 'prometheus'));
    const { programs } = findAvailable({ searchPath: folder });
    expect(programs.consul).toBeUndefined();
    expect(programs.prometheus).toBeUndefined();
  });
});

test('a machine without the package has no embedded PostgreSQL', () => {
  expect(findEmbeddedPostgres(path.join(folder, 'none.js'))).toBeUndefined();
});
