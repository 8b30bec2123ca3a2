import { describe, expect, it } from 'vitest';
import type { Location } from '../../../src/diagnostics/location.ts';
import type { FailureReason } from '../../../src/execute/describe-failure.ts';
import { adviseOn } from '../../../src/execute/failure-context.ts';
import { meshWith, nodeWith, secret, text } from '../render/mesh-builder.ts';

const line = (number: number): Location => ({
  file: 'mesh.yaml',
  line: number,
  column: 7,
  endLine: number,
  endColumn: 9,
});

const api = nodeWith({
  name: 'api',
  at: line(8),
  env: [
    { name: 'Jwt__Secret', value: [secret('jwt')], at: line(11) },
    { name: 'Jwt__SecretKey', value: [text('k')], at: line(12) },
  ],
});
const mesh = meshWith({
  nodes: [api],
  places: { 'services.api.health.ready': line(20), 'services.api.resources.limits.memory': line(30) },
});
const failure = (code: FailureReason['code']): FailureReason => ({ reason: 'it failed', code });

describe('adviseOn', () => {
  it('points at the setting that the last words name, and at the secret behind it', () => {
    const { at, hint } = adviseOn(mesh, api, failure('MESH3001'), ['fatal', 'Jwt__Secret must be 32 bytes']);
    expect(at.line).toBe(11);
    expect(hint).toBe('put another value for `jwt` into .mesh/secrets.env, then: mesh dev up api');
  });

  it('takes the longest name that fits', () => {
    const { at, hint } = adviseOn(mesh, api, failure('MESH3001'), ['Jwt__SecretKey is missing']);
    expect(at.line).toBe(12);
    expect(hint).toBe('give Jwt__SecretKey a value that it accepts, then: mesh dev up api');
  });

  it('points at the limit of memory, whatever the log says', () => {
    const { at, hint } = adviseOn(mesh, api, failure('MESH3004'), ['Jwt__SecretKey is missing']);
    expect(at.line).toBe(30);
    expect(hint).toMatch(/^raise resources\.limits\.memory/);
  });

  it('points at the readiness check of a node that was never ready', () => {
    const { at, hint } = adviseOn(mesh, api, failure('MESH3003'), []);
    expect(at.line).toBe(20);
    expect(hint).toContain('raise health.within');
  });

  it('points at the node where nothing better is known', () => {
    const { at, hint } = adviseOn(mesh, api, failure('MESH3001'), ['segmentation fault']);
    expect(at.line).toBe(8);
    expect(hint).toBe('see mesh dev logs api, mend the cause, then: mesh dev up api');
  });
});
