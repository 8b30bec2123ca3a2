import { escapeControls } from '../logs/visible-text.ts';
import type { Reporter } from './reporter.ts';

/** Each event as it is, one JSON line. */
export function createNdjsonReporter(options: { readonly stream: NodeJS.WritableStream }): Reporter {
  return {
    handle: (event) => void options.stream.write(`${escapeControls(JSON.stringify(event))}\n`),
    close: () => {},
  };
}
