import type { Socket } from 'node:net';
import split2 from 'split2';
import { type Heartbeat, MAX_LINE_BYTES, parseHeartbeat } from './heartbeat.ts';

/** Heartbeats come every two seconds: a connection without one for longer is dead, or was never a silo's. */
const IDLE_MS = 30_000;

/** Calls back with each heartbeat; a connection that brings anything else is closed. */
export function readHeartbeats(socket: Socket, onHeartbeat: (heartbeat: Heartbeat) => void): void {
  const destroy = (): void => void socket.destroy();
  socket.setTimeout(IDLE_MS, destroy);
  socket.on('error', destroy);
  const lines = socket.pipe(split2({ maxLength: MAX_LINE_BYTES }));
  lines.on('error', destroy);
  lines.on('data', (line: string) => {
    const heartbeat = parseHeartbeat(line);
    if (heartbeat === undefined) {
      destroy();
    } else {
      onHeartbeat(heartbeat);
    }
  });
}
