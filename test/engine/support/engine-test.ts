import { describe, inject } from 'vitest';

/** A group of tests that need an engine; see setup/require-engine.ts for when they run. */
export const describeEngine = describe.skipIf(inject('skipReason') !== '');
