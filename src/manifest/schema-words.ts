import * as z from 'zod';
import { parseDuration } from '../time/duration.ts';

/** The words that the schema of a manifest is written in. */

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
export const name = z
  .string()
  .regex(NAME, 'a name of lower-case letters, digits and dashes that begins with a letter')
  .max(63, 'a name of at most 63 characters');
export const text = z.string();
export const filledText = z.string().min(1, 'a text that is not empty');
export const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'the name of an environment variable');

export const port = z.int().min(1).max(65535).describe('this is the port inside the container');

const DURATION = 'a duration such as 500ms, 30s or 1m30s';
export const duration = z
  .string(DURATION)
  .refine((value) => parseDuration(value) !== undefined, DURATION)
  .transform((value) => parseDuration(value) ?? 0);

export const words = z
  .union([filledText.transform((value) => ['sh', '-c', value]), z.array(text).min(1)])
  .describe('a list is run as it is; a text is run by `sh -c`');

export const settingValue = z
  .union([text, z.number(), z.boolean()])
  .transform((value) => String(value))
  .describe('a text, number or boolean; it may hold references such as ${consul.http.url}');

export const absolutePath = z
  .string('an absolute path inside the container')
  .regex(/^\//, 'an absolute path inside the container');
export const urlPath = z.string('a path that begins with /').regex(/^\//, 'a path that begins with /');
