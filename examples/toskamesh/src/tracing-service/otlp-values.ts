import type { Attributes, AttributeValue } from './span.ts';

const MAX_ATTRIBUTES = 128;
const MAX_TEXT = 4096;
const MAX_DEPTH = 4;

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text as PostgreSQL can keep it: without NUL, and without halves of a pair of surrogates. */
export function storableText(text: string, limit = MAX_TEXT): string {
  return text
    .slice(0, limit)
    .replaceAll('\0', '')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

/** OTLP's list of key and AnyValue as an object; what is beyond the limits is left out. */
export function decodeAttributes(list: unknown, depth = 0): Attributes {
  const found: [string, AttributeValue][] = [];
  for (const pair of listOf(list).slice(0, MAX_ATTRIBUTES)) {
    if (isFields(pair) && typeof pair.key === 'string') {
      found.push([storableText(pair.key), decodeValue(pair.value, depth)]);
    }
  }
  // Object.fromEntries makes `__proto__` a key like any other.
  return Object.fromEntries(found);
}

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto */
function decodeValue(value: unknown, depth: number): AttributeValue {
  if (!isFields(value) || depth > MAX_DEPTH) {
    return null;
  }
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (typeof stringValue === 'string') return storableText(stringValue);
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof intValue === 'number' || typeof intValue === 'string') return decodeInteger(intValue);
  if (typeof doubleValue === 'number') return doubleValue;
  if (typeof bytesValue === 'string') return storableText(bytesValue);
  if (isFields(arrayValue)) {
    return listOf(arrayValue.values)
      .slice(0, MAX_ATTRIBUTES)
      .map((item) => decodeValue(item, depth + 1));
  }
  return isFields(kvlistValue) ? decodeAttributes(kvlistValue.values, depth + 1) : null;
}

/** A 64-bit integer that a number cannot hold stays text. */
function decodeInteger(value: number | string): AttributeValue {
  return Number.isSafeInteger(Number(value)) ? Number(value) : storableText(String(value));
}
