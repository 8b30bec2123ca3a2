import { escapeControls } from '../logs/visible-text.ts';
import type { Reporter } from './reporter.ts';

/** Each event as it is, one JSON line, at once. A reader that goes away, as `| head -1` does, does not stop the run. */
export function createNdjsonReporter(options: { readonly stream: NodeJS.WritableStream }): Reporter {
  const { stream } = options;
  let hasReader = true;
  stream.on('error', () => {
    hasReader = false;
  });
  return {
    handle: (event) => {
      if (hasReader) stream.write(`${escapeControls(JSON.stringify(event))}\n`);
    },
    // The listener stays: what was written last may be refused later.
    close: () => {},
  };
}
