import { createWritable, DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2';

/** A part of the view that changes as one: a line or a few, already cut to the width of the terminal. */
export interface LiveBlock {
  readonly key: string;
  /** Empty: the block takes no line. */
  readonly text: string;
}

export interface LiveView {
  readonly paint: (blocks: readonly LiveBlock[]) => void;
  /** Takes the view away and gives the cursor back. */
  readonly end: () => Promise<void>;
}

/**
 * Opens a view of as many blocks as are given. listr2 draws it and does nothing else: each block is a task that is over
 * when the run is. This file is the only one that loads listr2, which takes a tenth of a second.
 */
export function openLiveView(stream: NodeJS.WritableStream, blocks: readonly LiveBlock[]): LiveView {
  let endRun = () => {};
  const run = new Promise<void>((resolve) => {
    endRun = resolve;
  });
  const titles = new Map<string, { title: string }>();
  const list = new Listr(
    blocks.map(({ key, text }) => ({
      title: titleOf(text),
      task: (_context: unknown, task: { title: string }) => {
        titles.set(key, task);
        return run;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: BlockRenderer,
      rendererOptions: { clearOutput: true, lazy: true, logger: createLogger(stream) },
    },
  );
  const finished = list.run();
  return {
    paint: (next) => {
      for (const { key, text } of next) {
        const task = titles.get(key);
        if (task !== undefined && task.title !== titleOf(text)) task.title = titleOf(text);
      }
    },
    end: async () => {
      endRun();
      await finished;
    },
  };
}

/** A task without a title is shown by other means; one with a blank title is not shown. */
function titleOf(text: string): string {
  return text === '' ? ' ' : text;
}

/**
 * listr2 replaces `write` of the streams that it is given until it is done. It gets streams of its own, so that the one
 * of the process stays whole: what brings the cursor back when the process ends early has to get through. They have no
 * bounds, since blocks fit the terminal as it is now, and listr2 would go on with the size that it had at first.
 */
function createLogger(stream: NodeJS.WritableStream): ListrLogger {
  const screen = createWritable((chunk) => void stream.write(chunk)) as NodeJS.WriteStream;
  const nowhere = createWritable(() => {}) as NodeJS.WriteStream;
  return new ListrLogger({ useIcons: false, processOutput: new ProcessOutput(screen, nowhere) });
}

/** The renderer of listr2 for blocks that are cut to size and have marks of their own. */
class BlockRenderer extends DefaultRenderer {
  /** listr2 looks at stdout, which may well be a pipe while the view is on stderr, and would draw a list there. */
  static override nonTTY = true;
  #isDue = false;
  #isOver = false;

  /** Drawn once for all the blocks that change at the same time. */
  override update(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (!this.#isOver) super.update();
    });
  }

  override end(): void {
    this.#isOver = true;
    super.end();
  }

  protected override format(message: string): string[] {
    return message.trim() === '' ? [] : message.split('\n');
  }
}
