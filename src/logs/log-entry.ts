import type { LogLine } from '../engine/engine.ts';

/** What a service said at once: a head line and the lines that continue it, such as a stack trace. Never empty. */
export interface LogEntry {
  readonly node: string;
  readonly replica: number;
  readonly stream: LogLine['stream'];
  /** The time of the head line, which is the time of the entry. */
  readonly at: string;
  readonly lines: readonly LogLine[];
  /** `rest` when the head was already handed on: a line came too late, or the entry is very long. */
  readonly part: 'whole' | 'rest';
}

/** Tells, line by line and for one source, whether a line continues the one before it. */
export type ContinuationRule = (text: string) => boolean;

/** Java, Node and .NET frames whose indent was trimmed; chained causes; .NET's inner exceptions; closing brackets. */
const CONTINUES =
  /^(?:at [^\s(]+.*[(:]|-{3}> |-{3} End of |Caused by: |Suppressed: |\.{3} \d+ (?:more|common frames)|[}\])]+[;,]?\s*$)/;
const TRACEBACK = /^\s*Traceback \(most recent call last\):/;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/**
 * The rule for one source (a stream of one instance). A line continues the entry when it
 * - is empty or begins with a blank or a tab (stack frames, .NET's console logger, pretty-printed JSON, wrapped text);
 * - begins with `at …(`, `---> `, `--- End of`, `Caused by: `, `Suppressed: `, `... 12 more`;
 * - is only closing brackets;
 * - is the first line at the margin after a Python traceback, where the message comes last, or chains one to the next.
 * A line that begins with `{` or `[` never does, so that one JSON object a line stays one entry a line.
 */
export function createContinuationRule(): ContinuationRule {
  let python: 'none' | 'in-traceback' | 'chained' = 'none';
  return (text) => {
    const first = text.charCodeAt(0);
    const atMargin = text !== '' && first !== 0x20 && first !== 0x09;
    if (TRACEBACK.test(text)) {
      const continues = !atMargin || python === 'chained';
      python = 'in-traceback';
      return continues;
    }
    if (!atMargin) return true;
    if (python === 'in-traceback') {
      python = 'none';
      return true;
    }
    python = CHAINED.test(text) ? 'chained' : 'none';
    return python === 'chained' || CONTINUES.test(text);
  };
}
