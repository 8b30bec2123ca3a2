import { describe, expect, it } from 'vitest';
import { fieldProblem } from '../src/field-problem.ts';

const error = { instancePath: '/port', params: {}, message: 'must be integer' };

describe('fieldProblem', () => {
  it('points at what is missing and at what is too much', () => {
    const required = { ...error, keyword: 'required', instancePath: '', params: { missingProperty: 'id' } };
    expect(fieldProblem(required).field).toBe('/id');
    const extra = {
      ...error,
      keyword: 'additionalProperties',
      instancePath: '/a',
      params: { additionalProperty: 'b' },
    };
    expect(fieldProblem(extra).field).toBe('/a/b');
    expect(fieldProblem({ ...error, keyword: 'type', instancePath: '' }).field).toBe('/');
  });

  it('describes a pattern in the words of the schema, when it has any', () => {
    const pattern = { ...error, keyword: 'pattern', message: 'must match pattern "^[a-z]+$"' };
    expect(fieldProblem({ ...pattern, parentSchema: { description: 'must be small letters' } })).toEqual({
      field: '/port',
      message: 'must be small letters',
    });
    expect(fieldProblem({ ...pattern, parentSchema: {} }).message).toBe('must match pattern "^[a-z]+$"');
  });

  it('keeps what other keywords say', () => {
    const type = { ...error, keyword: 'type', parentSchema: { description: 'must be small letters' } };
    expect(fieldProblem(type).message).toBe('must be integer');
  });
});
