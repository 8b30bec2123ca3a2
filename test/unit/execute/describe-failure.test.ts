import { describe, expect, it } from 'vitest';
import type { InstanceDetail } from '../../../src/engine/engine.ts';
import { countWords, describeExit, describeNeverReady } from '../../../src/execute/describe-failure.ts';
import { job, server } from './run-bench.ts';

const exit = (code: number, atMs = 0, outOfMemory = false) => ({ code, atMs, outOfMemory });
const detail = (fields: Partial<InstanceDetail>): InstanceDetail => ({
  state: 'exited',
  exitCode: 0,
  startedAt: '',
  finishedAt: '',
  restarts: 0,
  outOfMemory: false,
  memoryLimit: 0,
  error: '',
  ...fields,
});

describe('describeExit', () => {
  it.each([
    [3, 'exited with code 3'],
    [137, 'exited with code 137 (SIGKILL)'],
    [143, 'exited with code 143 (SIGTERM)'],
    [139, 'exited with code 139 (SIGSEGV)'],
  ])('names the signal behind exit code %i', (code, reason) => {
    expect(describeExit(server('api'), [exit(code)], 0, undefined)).toEqual({
      reason,
      code: 'MESH3001',
      exitCode: code,
    });
  });

  it('counts the exits of a loop and the time they took', () => {
    expect(describeExit(server('api'), [exit(1), exit(1), exit(3, 7400)], 1400, undefined)).toEqual({
      reason: 'exited with code 3, three times in 6.0 s',
      code: 'MESH3002',
      exitCode: 3,
    });
  });

  it('takes the code from the engine where no exit was seen', () => {
    expect(describeExit(job('migrate'), [], 0, detail({ exitCode: 4 }))).toEqual({
      reason: 'the job exited with code 4',
      code: 'MESH3005',
      exitCode: 4,
    });
  });

  it('names the limit of memory: as the manifest has it, as the engine has it, or none', () => {
    const limited = server('api', { resources: { requests: {}, limits: { memory: '1Gi' } } });
    const reasonOf = (node = server('api'), memoryLimit = 0) =>
      describeExit(node, [exit(137)], 0, detail({ outOfMemory: true, memoryLimit })).reason;
    expect(reasonOf(limited)).toBe('ran out of memory: its limit is 1Gi');
    expect(reasonOf(server('api'), 64 * 1024 * 1024)).toBe('ran out of memory: its limit is 64Mi');
    expect(reasonOf()).toBe('ran out of memory');
    expect(describeExit(server('api'), [exit(137, 0, true)], 0, undefined).code).toBe('MESH3004');
  });
});

describe('describeNeverReady', () => {
  it('gives the last answer and the number of tries', () => {
    expect(describeNeverReady(60_000, 240, '503').reason).toBe('not ready within 60.0 s: 503 (240 tries)');
    expect(describeNeverReady(1000, 1, 'connection refused').reason).toBe(
      'not ready within 1.0 s: connection refused (1 try)',
    );
  });
});

describe('countWords', () => {
  it('writes small numbers out', () => {
    expect([1, 2, 3, 5, 6].map(countWords)).toEqual(['once', 'twice', 'three times', 'five times', '6 times']);
  });
});
