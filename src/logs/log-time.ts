import { parseDuration } from '../time/duration.ts';

const UNIX_SECONDS = /^\d+(?:\.\d+)?$/;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:\d\d)?)?$/i;
const TIME_OF_DAY = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/;

/**
 * What `--since` and `--until` take, as ISO time: how long ago (`10m`, `1h30m`), a time with or without zone
 * (`2026-11-24T12:00:00Z`; without one it is local), a time of today (`12:03`, `12:03:44`, local), or unix seconds.
 *
 * @returns `undefined` when the text is none of these
 */
export function parseLogTime(text: string, now: Date): string | undefined {
  const trimmed = text.trim();
  if (UNIX_SECONDS.test(trimmed)) return isoOf(Number(trimmed) * 1000);
  const agoMs = parseDuration(trimmed);
  if (agoMs !== undefined) return isoOf(now.getTime() - agoMs);
  return parseTimeOfDay(trimmed, now) ?? parseDateTime(trimmed);
}

function parseTimeOfDay(text: string, now: Date): string | undefined {
  const match = TIME_OF_DAY.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [numberOf(match[1]), numberOf(match[2]), numberOf(match[3])];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const milliseconds = numberOf((match[4] ?? '').padEnd(3, '0'));
  return isoOf(
    new Date(now.getFullYear(), now.getMonth(), now.getDate(), hour, minute, second, milliseconds).getTime(),
  );
}

function parseDateTime(text: string): string | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  if (numberOf(day) > daysIn(numberOf(year), numberOf(month))) return undefined;
  if (numberOf(hour) > 23 || numberOf(minute) > 59 || numberOf(second) > 59) return undefined;
  // Without a zone, ECMAScript reads a date with a time as local.
  const iso = isoOf(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone?.toUpperCase() ?? ''}`));
  // A stamp copied from a log has nanoseconds; cut to milliseconds, `--until` would leave out the line it came from.
  return fraction === '' ? iso : iso?.replace('.000Z', `.${fraction.padEnd(3, '0')}Z`);
}

/** An engine's time in the one form in which text order is time order: UTC with nine digits. `''` when it is not a time. */
export function sortableTime(at: string): string {
  if (at.length === 30 && at.endsWith('Z')) return at;
  const fraction = /\.(\d{1,9})/.exec(at)?.[1] ?? '';
  const iso = isoOf(Date.parse(fraction === '' ? at : at.replace(`.${fraction}`, '')));
  return iso === undefined ? '' : iso.replace('.000Z', `.${fraction.padEnd(9, '0')}Z`);
}

function isoOf(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function numberOf(digits: string | undefined): number {
  return Number(digits ?? 0);
}

function daysIn(year: number, month: number): number {
  return month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
}
