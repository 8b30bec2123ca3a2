import { Problem } from '@toskamesh/shared';

/** The versions that a header names, or any version there is. */
export type EntityTags = '*' | readonly string[];

/** The headers by which a client says which version its request is about. */
export interface Conditions {
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e]*"`;
const TAG_LIST = new RegExp(`^${TAG}(?:\\s*,\\s*${TAG})*$`);

export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * Reads `If-Match` and `If-None-Match`: https://www.rfc-editor.org/rfc/rfc9110#section-13.1
 *
 * @throws Problem 400 when one is no list of entity tags
 */
export function parseConditions(headers: Headers): Conditions {
  return { ifMatch: parseTags(headers, 'if-match'), ifNoneMatch: parseTags(headers, 'if-none-match') };
}

/** @param current - the newest version; undefined when there is none or it is a deletion */
export function isMet({ ifMatch, ifNoneMatch }: Conditions, current: number | undefined): boolean {
  const matches = ifMatch === undefined || includes(ifMatch, current, 'strong');
  return matches && (ifNoneMatch === undefined || !includes(ifNoneMatch, current, 'weak'));
}

/** A weak tag, such as a proxy that compresses makes of ours, says nothing about what a change would overwrite. */
function includes(tags: EntityTags, current: number | undefined, comparison: 'strong' | 'weak'): boolean {
  if (current === undefined) {
    return false;
  }
  const wanted = entityTag(current);
  return tags === '*' || tags.some((tag) => tag === wanted || (comparison === 'weak' && tag === `W/${wanted}`));
}

function parseTags(headers: Headers, name: string): EntityTags | undefined {
  const value = headers[name];
  const text = (typeof value === 'string' ? value : value?.join(','))?.trim();
  if (text === undefined || text === '*') {
    return text;
  }
  if (!TAG_LIST.test(text)) {
    const errors = [{ field: name, message: 'must be * or versions in quotes, such as "7"' }];
    throw new Problem(400, `the header ${name} is not as expected`, { errors });
  }
  return text.match(new RegExp(TAG, 'g')) ?? [];
}
