import * as z from 'zod';

/**
 * Everything that can happen in a run. Displays, the NDJSON output and stored runs all read this one stream.
 * The schema is published (`schema/events.json`); additions only.
 */

const place = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  /** The line of the manifest, without its indent. */
  text: z.string().optional(),
});

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({
    v: z.literal(1),
    at: z.iso.datetime().describe('wall clock, UTC'),
    /** Milliseconds since the run began. */
    elapsedMs: z.number(),
    type: z.literal(type),
    ...shape,
  });

const nodeInfo = z.object({
  name: z.string(),
  kind: z.enum(['infrastructure', 'service']),
  tier: z.string(),
});

/** One address of a node, as `mesh dev ps --json` gives it too. */
const endpoint = z.object({
  name: z.string(),
  protocol: z.string(),
  port: z.int(),
  hostPort: z.int().optional(),
  url: z.string().optional(),
  /** Why the host port is not the one that was asked for first. */
  note: z.string().optional(),
});

const logLine = z.object({ at: z.string(), stream: z.enum(['stdout', 'stderr']), text: z.string() });

export const eventSchema = z.discriminatedUnion('type', [
  event('run:started', {
    command: z.enum(['up', 'down', 'stop', 'restart', 'build']),
    mesh: z.string(),
    instance: z.string().optional().describe('which copy of the mesh on this machine; missing for the main one'),
    select: z
      .string()
      .optional()
      .describe('the options that name this copy, such as "-p shop-2", where some were given'),
    engine: z.string().describe('such as "docker 28.5"'),
    nodes: z.array(nodeInfo).describe('those that this run is about, needs first'),
    keep: z.array(z.string()).describe('those that run already as they should'),
  }),
  event('node:building', {
    node: z.string(),
    step: z.string().optional().describe('the step that runs now'),
    stage: z.string().optional().describe('the stage of the Dockerfile that it belongs to'),
    because: z.string().optional().describe('why it is built'),
    position: z.string().optional().describe('which step of the stage it is, such as 3/5'),
  }),
  event('node:built', {
    node: z.string(),
    tookMs: z.number(),
    cached: z.boolean().describe('all of its steps came from the cache'),
    upToDate: z.boolean().optional().describe('the image was made from the same inputs: nothing was run'),
    named: z
      .array(z.string())
      .optional()
      .describe('the names that it was given in the registry, where it was up to date'),
  }),
  event('node:verified', {
    node: z.string(),
    ok: z.boolean(),
    findings: z.array(
      z.object({
        what: z.enum(['user', 'ports', 'entrypoint', 'start', 'ready']),
        verdict: z.enum(['ok', 'wrong', 'not checked']),
        text: z.string(),
      }),
    ),
  }),
  event('node:pulling', { node: z.string(), image: z.string(), progress: z.string().optional() }),
  event('node:pulled', { node: z.string(), image: z.string(), tookMs: z.number() }),
  event('node:created', { node: z.string(), cause: z.string(), recreated: z.boolean() }),
  event('node:removed', { node: z.string(), cause: z.string() }),
  event('node:started', { node: z.string(), replica: z.int() }),
  event('node:waiting', {
    node: z.string(),
    on: z.array(z.string()).optional().describe('the needs that are not met yet'),
    probe: z
      .object({
        answer: z.string().describe('the last answer of the readiness check'),
        tries: z.int(),
        waitedMs: z.number(),
        replica: z.int().optional(),
      })
      .optional(),
  }),
  event('node:ready', {
    node: z.string(),
    afterMs: z.number().describe('since its own start; for a node that was up already, the time of the check'),
    how: z.enum(['ready', 'started', 'completed']),
    kept: z.boolean().describe('it was up before this run'),
    endpoints: z.array(endpoint),
  }),
  event('node:failed', {
    node: z.string(),
    reason: z.string().describe('such as "exited with code 3, three times in 6 s"'),
    code: z.string(),
    hint: z.string(),
    exitCode: z.int().optional(),
    logs: z.array(logLine).describe('its last lines'),
    had: z.array(z.object({ node: z.string(), ready: z.boolean() })).describe('its needs'),
    blocks: z.array(z.string()).describe('who waits for it, directly or through others'),
    from: place.optional().describe('where the manifest asks for what failed'),
  }),
  event('node:skipped', { node: z.string(), because: z.string().describe('the failed node that it needs') }),
  event('node:stopping', { node: z.string() }),
  event('node:stopped', { node: z.string(), tookMs: z.number() }),
  event('run:notice', { message: z.string().describe('something that the user should know but need not act on') }),
  event('run:finished', {
    ok: z.boolean(),
    tookMs: z.number(),
    ready: z.int(),
    wanted: z.int(),
    changed: z.int().describe('nodes that were created, recreated, started, stopped or removed'),
    criticalPath: z.array(z.object({ node: z.string(), ms: z.number() })),
    interrupted: z.boolean().optional(),
    kept: z.array(z.string()).optional().describe('what a `down` left, such as volumes'),
    removed: z.array(z.string()).optional().describe('networks and data that a `down --volumes` removed'),
  }),
]);

export type MeshEvent = z.infer<typeof eventSchema>;
export type EventOf<T extends MeshEvent['type']> = Extract<MeshEvent, { type: T }>;

/** An event without what {@link createEventStream} stamps on it. */
export type EventBody = MeshEvent extends infer E
  ? E extends MeshEvent
    ? Omit<E, 'v' | 'at' | 'elapsedMs'>
    : never
  : never;
