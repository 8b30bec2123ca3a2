import * as z from 'zod';
import { buildSchema } from './build-schema.ts';
import { health } from './health-schema.ts';
import { kubernetesSchema } from './kubernetes-schema.ts';
import {
  absolutePath,
  duration,
  environmentVariable,
  filledText,
  name,
  port,
  settingValue,
  text,
  urlPath,
  words,
} from './schema-words.ts';

/**
 * The one schema of a manifest: it gives the checks, the TypeScript types and the published JSON Schema.
 * Short forms are accepted beside long ones and turned into them here, so that nothing behind this file knows both.
 * Descriptions become the reference in docs/manifest.md, the hover text in editors, and the hint of an error.
 */

/** Words that references use for something else. */
const RESERVED: ReadonlySet<string> = new Set(['self', 'env', 'secrets', 'mesh']);
const protocol = z
  .enum(['http', 'h2c', 'tcp', 'udp', 'postgres', 'redis', 'amqp'])
  .describe('what is spoken there; it decides the form of `url` and the default readiness check');

const hostPort = z
  .union([z.int().min(1).max(65535), z.array(z.int().min(1).max(65535)).min(1), z.enum(['auto', 'none'])])
  .describe(
    'the port on this machine: a number, a list of wishes of which the first one that no other node has is taken, `auto`, or `none`',
  );

const endpoint = z
  .union([
    port,
    z.strictObject({
      port,
      protocol: protocol.optional(),
      host: hostPort.optional(),
    }),
  ])
  .transform((value) => (typeof value === 'number' ? { port: value } : value));

const needCondition = z
  .enum(['ready', 'started', 'completed'])
  .describe('`ready`: its readiness check succeeds; `started`: it runs; `completed`: it exited with 0');

const needs = z
  .union([z.array(name), z.record(name, needCondition)])
  .transform(
    (value): Readonly<Record<string, 'ready' | 'started' | 'completed' | undefined>> =>
      Array.isArray(value) ? Object.fromEntries(value.map((node) => [node, undefined])) : value,
  )
  .describe(
    'the nodes that must be ready before this one starts, as a list, or as a map to `ready`, `started` or `completed`',
  );

const NAME = '[a-z]([a-z0-9-]*[a-z0-9])?';
const CALLEE = 'a node, or a node and one of its endpoints such as api.http';
const callee = z.string(CALLEE).regex(new RegExp(`^${NAME}([.]${NAME})?$`), CALLEE);

const cpu = z
  .union([z.string().regex(/^(\d+(\.\d+)?|\d+m)$/, 'an amount of CPU such as 100m or 2'), z.number().positive()])
  .transform((value) => String(value));
const MEMORY = 'an amount of memory such as 128Mi or 1Gi';
const memory = z.string(MEMORY).regex(/^\d+(Ki|Mi|Gi)$/, MEMORY);
const amounts = z.strictObject({ cpu: cpu.optional(), memory: memory.optional() });
const resources = z.strictObject({
  requests: amounts.optional().describe('what is set aside for it'),
  limits: amounts.optional().describe('what it may not pass'),
});

const relativePath = z.string('a path relative to the manifest').min(1, 'a path relative to the manifest');

const run = z
  .union([
    words.transform((command): RunForm => ({ command })),
    z
      .strictObject({
        command: words.optional(),
        folder: relativePath
          .optional()
          .describe('where the command runs; the build context when not given, or the project'),
        env: z.record(environmentVariable, settingValue).optional().describe('in addition to `env`, or in its place'),
      })
      .refine((form) => form.folder === undefined || form.command !== undefined, {
        message: 'a `command` beside it, which runs there',
        path: ['folder'],
      })
      .transform((form): RunForm => form),
  ])
  .describe('how it runs as a host process, without Docker; containers take no notice of it');

interface RunForm {
  readonly command?: string[] | undefined;
  readonly folder?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const configFile = z
  .union([
    text,
    z.strictObject({ content: text.describe('the text; it may hold references') }),
    z.strictObject({ source: relativePath.describe('a text file beside the manifest; references in it are resolved') }),
  ])
  .transform((value) => (typeof value === 'string' ? { content: value } : value));

export const nodeSchema = z.strictObject({
  description: text.optional().describe('a sentence about it, for readers'),
  tier: name.optional().describe('the group in which it is shown'),
  image: filledText.optional().describe('what to run; with `build`, the name that the built image gets'),
  build: buildSchema.optional(),
  entrypoint: words.optional(),
  command: words.optional(),
  run: run.optional(),
  user: z
    .union([filledText, z.int()])
    .transform((value) => String(value))
    .optional()
    .describe('the user inside the container'),
  endpoints: z.record(name, endpoint).optional().describe('named ports'),
  needs: needs.optional(),
  without: z
    .array(name)
    .optional()
    .describe('the needs that it can run without, where they cannot be had; it then gets no address of them'),
  calls: z
    .array(callee)
    .optional()
    .describe(
      'the nodes that it calls at addresses which it finds by itself, as in a registry: all endpoints, or `node.endpoint`; network policies admit them, and nothing waits for them',
    ),
  env: z.record(environmentVariable, settingValue).optional().describe('environment variables'),
  volumes: z.record(name, absolutePath).optional().describe('named volumes and where they are mounted'),
  files: z.record(absolutePath, configFile).optional().describe('text files that are put into the container'),
  health: health.optional(),
  resources: resources.optional(),
  replicas: z.int().min(1).max(100).optional().describe('how many run; 1 when not given'),
  restart: z
    .enum(['no', 'on-failure', 'always', 'unless-stopped'])
    .optional()
    .describe('when the engine starts it again; unless-stopped when not given, `no` for a job'),
  job: z.boolean().optional().describe('runs once; exit code 0 is its success'),
  stopGrace: duration.optional().describe('between the request to stop and the kill; 10s when not given'),
  profiles: z.array(name).optional().describe('on only when one of these profiles is asked for, or when it is named'),
  values: z
    .record(
      name,
      z.union([filledText, z.number()]).transform((value) => String(value)),
    )
    .optional()
    .describe('facts about it that other settings use as ${node.values.name}, such as the name of a database'),
  kubernetes: kubernetesSchema.optional(),
  metrics: z
    .union([urlPath.transform((path) => ({ path })), z.strictObject({ path: urlPath, endpoint: name.optional() })])
    .optional()
    .describe('where it serves Prometheus metrics'),
});

const nodeName = name.refine(
  (value) => !RESERVED.has(value),
  'a name other than self, env, secrets and mesh, which references use',
);
const nodes = z.record(nodeName, nodeSchema);

const secret = z.strictObject({
  minLength: z
    .int()
    .min(0)
    .max(4096)
    .optional()
    .describe('in bytes; a shorter value is an error before anything starts'),
  variable: environmentVariable
    .optional()
    .describe('the variable that carries it; MESH_SECRET_ and the name in capitals when not given'),
  default: filledText
    .optional()
    .describe('a value for development that is no secret, such as `guest`; without it a strong one is made'),
  description: text.optional(),
});

const overlay = z
  .strictObject({
    replicas: z.int().min(1).max(100).optional().describe('for every service that does not say it itself'),
    infrastructure: nodes.optional().describe('changes to these servers, in the form of `infrastructure`'),
    services: nodes.optional().describe('changes to these services, in the form of `services`'),
    secrets: z.record(name, secret).optional().describe('changes to these secrets, in the form of `secrets`'),
  })
  .describe('what is different in this environment');

export const manifestSchema = z
  .strictObject({
    $schema: text.optional().describe('the JSON Schema, for editors'),
    name: name.describe('the name of the mesh; also its Compose project'),
    version: z
      .union([filledText, z.number()])
      .transform((value) => String(value))
      .optional()
      .describe('the version of what is described, for image labels and charts'),
    description: text.optional(),
    extends: filledText
      .optional()
      .describe('a built-in preset (`toskamesh`) or another manifest, whose settings this one changes'),
    infrastructure: nodes.optional().describe('servers that others need: databases, brokers, registries'),
    services: nodes.optional().describe('your own services'),
    secrets: z.record(name, secret).optional().describe('secrets that settings refer to as ${secrets.name}'),
    environments: z
      .record(name, overlay)
      .optional()
      .describe('named sets of changes; `dev` is used when none is asked for'),
  })
  .describe('A mesh of services: what runs, on what it depends, and how readiness is shown.');

/** A manifest in its long form, valid in itself; names and references are checked by the resolver. */
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestNode = z.output<typeof nodeSchema>;
export type ManifestCheck = NonNullable<NonNullable<ManifestNode['health']>['ready']>;
export type ManifestBuild = NonNullable<ManifestNode['build']>;
