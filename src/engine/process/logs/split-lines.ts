import { StringDecoder } from 'node:string_decoder';

/** A longer line is handed on in pieces of this size, so that a program that never ends its line takes no memory. */
const LONGEST_LINE = 64 * 1024;

export interface LineSplitter {
  push(chunk: Buffer): string[];
  /** What stands behind the last line break. */
  end(): string[];
}

/** Bytes as they come → whole lines, without line breaks. */
export function createLineSplitter(longest = LONGEST_LINE): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): string[] => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    while (rest.length > longest) {
      lines.push(rest.slice(0, longest));
      rest = rest.slice(longest);
    }
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end() {
      const lines = take(decoder.end());
      const last = rest;
      rest = '';
      return last === '' ? lines : [...lines, last];
    },
  };
}
