import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Instance } from '../../plan/observed.ts';
import type { LogLine, LogRequest } from '../engine.ts';
import { createFrameDecoder } from './log-frames.ts';

export interface ContainerLogOptions {
  readonly docker: Dockerode;
  readonly instance: Instance;
  readonly request: Pick<LogRequest, 'follow' | 'tail' | 'since' | 'until'>;
  readonly onLine: (line: LogLine) => void;
  readonly signal: AbortSignal;
}

/** The log of one container; with `follow`, until the container stops or the signal. */
export async function readContainerLogs(options: ContainerLogOptions): Promise<void> {
  const { docker, instance, request, signal } = options;
  const container = docker.getContainer(instance.id);
  const tty = (await container.inspect()).Config.Tty;
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail: request.tail ?? ('all' as unknown as number),
    ...(request.since === undefined ? {} : { since: toUnix(request.since) }),
    ...(request.until === undefined ? {} : { until: toUnix(request.until) }),
    abortSignal: signal,
  };
  const decoder = createFrameDecoder({
    tty,
    onLine: (stream, at, text) => options.onLine({ node: instance.node, replica: instance.replica, stream, at, text }),
  });
  if (!request.follow) {
    decoder.push(Buffer.from((await container.logs({ ...query, follow: false })) as unknown as Uint8Array));
    decoder.end();
    return;
  }
  const stream = (await container.logs({ ...query, follow: true })) as unknown as Readable;
  await drain(stream, (chunk) => decoder.push(chunk), signal);
  decoder.end();
}

/** Resolves when the stream ends, however it ends: a container that stops ends it, and so does the signal. */
function drain(stream: Readable, onChunk: (chunk: Buffer) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      stream.destroy();
      resolve();
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    stream.on('data', onChunk);
    stream.on('error', stop);
    stream.on('close', stop);
    stream.on('end', stop);
  });
}

/** The API takes Unix seconds with a fraction. */
function toUnix(iso: string): number {
  const seconds = Date.parse(iso) / 1000;
  const fraction = /\.(\d+)/.exec(iso)?.[1];
  return fraction === undefined ? seconds : Number(`${Math.floor(seconds)}.${fraction}`);
}
