import type { Tree } from '../../manifest/tree.ts';
import { formatDuration, parseDuration } from '../../time/duration.ts';
import { type Fact, textValue } from '../facts.ts';
import { field, fieldEntry, itemsOf, textOf } from '../read-documents.ts';
import { interpolateText } from './interpolate.ts';
import { readHealthcheck } from './read-healthcheck.ts';

/** The health check of a service: what it asks, and how often. One that is switched off is none. */
export function readHealthFacts(service: Tree): Fact[] {
  const entry = fieldEntry(service, 'healthcheck');
  const test = field(entry?.tree, 'test');
  if (entry === undefined || test === undefined || textOf(field(entry.tree, 'disable')) === 'true') return [];
  const words =
    test.kind === 'sequence'
      ? itemsOf(test).map((item) => interpolateText(textOf(item) ?? ''))
      : ['CMD-SHELL', interpolateText(textOf(test) ?? '')];
  if (words[0] === 'NONE') return [];
  return [
    { aspect: 'probe', key: 'ready', value: textValue(readHealthcheck(words)), at: test.at },
    { aspect: 'probe', key: 'ready timing', value: textValue(timingOf(entry.tree)), at: entry.keyAt },
  ];
}

/** Compose's own defaults. Source: https://docs.docker.com/reference/dockerfile/#healthcheck */
const DEFAULTS = { interval: '30s', timeout: '30s', retries: '3', start_period: '0s', start_interval: '5s' };

function timingOf(healthcheck: Tree): string {
  return composeTiming((key) => interpolateText(textOf(field(healthcheck, key)) ?? ''));
}

/** One way to write the timing of a health check, with what Compose takes where nothing is said. */
export function composeTiming(of: (key: string) => string): string {
  const duration = (key: keyof typeof DEFAULTS) => {
    const text = of(key) || DEFAULTS[key];
    const ms = parseDuration(text);
    return ms === undefined ? text : formatDuration(ms);
  };
  return `every ${duration('interval')}, at most ${duration('timeout')}, ${of('retries') || DEFAULTS.retries} tries, after ${duration('start_period')} (every ${duration('start_interval')})`;
}
