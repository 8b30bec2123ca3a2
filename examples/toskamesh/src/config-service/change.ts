import { Problem } from '@toskamesh/shared';
import { type ConfigKey, describeKey } from './document.ts';
import { type Conditions, entityTag, isMet } from './precondition.ts';

/** The newest version there is, a deletion included; version 0 when there has never been one. */
export interface CurrentVersion {
  readonly version: number;
  readonly exists: boolean;
}

/**
 * The number of the version that a change makes.
 *
 * @throws Problem 412 when the change was meant for another version
 */
export function nextVersion(key: ConfigKey, { version, exists }: CurrentVersion, conditions: Conditions): number {
  if (!isMet(conditions, exists ? version : undefined)) {
    const detail = exists ? `${describeKey(key)} is at version ${version}` : `there is no ${describeKey(key)}`;
    throw new Problem(412, detail, exists ? { headers: { etag: entityTag(version) } } : {});
  }
  return version + 1;
}
