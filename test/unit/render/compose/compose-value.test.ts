import { expect, test } from 'vitest';
import type { Secret } from '../../../../src/mesh/mesh.ts';
import type { Part } from '../../../../src/mesh/value.ts';
import { composeText, composeValue } from '../../../../src/render/compose/compose-value.ts';
import { AT, address, endpoint, meshWith, nodeWith, secret, text } from '../mesh-builder.ts';

const render = (parts: readonly Part[], secrets: readonly Secret[] = []) =>
  composeValue(
    meshWith({ secrets, nodes: [nodeWith({ name: 'consul', endpoints: [endpoint('http', 'http', 8500)] })] }),
    parts,
  );

const password: Secret = { name: 'password', variable: 'PASSWORD', minLength: 16, at: AT };

test('a dollar sign is doubled, so that Compose does not take it for a variable', () => {
  expect(composeText('a$b$$c ${D}')).toBe('a$$b$$$$c $${D}');
});

test('an address is the name and port inside the network', () => {
  expect(render([text('x='), address('consul', 'http'), text(';$')])).toBe('x=http://consul:8500;$$');
});

test('a secret without a fallback stops Compose and says how to make it', () => {
  expect(render([secret('password')], [password])).toBe('${PASSWORD:?run "mesh generate" to make .mesh/secrets.env}');
});

test('a fallback is written out, with its dollar signs doubled', () => {
  expect(render([secret('password')], [{ ...password, fallback: 'gue$t:-?' }])).toBe('${PASSWORD:-gue$$t:-?}');
  expect(render([{ kind: 'variable', name: 'LEVEL', fallback: 'info' }])).toBe('${LEVEL:-info}');
  expect(render([{ kind: 'variable', name: 'LEVEL', fallback: '' }])).toBe('${LEVEL:-}');
});

test('a fallback with a brace, which Compose cannot read, is left out', () => {
  expect(render([{ kind: 'variable', name: 'JSON', fallback: '{}' }])).toBe('${JSON:?set JSON in the environment}');
});

test('a secret that the mesh does not have is our bug', () => {
  expect(() => render([secret('nobody')])).toThrow('the mesh has no secret nobody');
});
