import { manifestJsonSchema } from '../../src/manifest/json-schema.ts';

/** The part of JSON Schema that the manifest's schema uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** docs/manifest.md, from the schema that checks manifests. `example` is a manifest that is shown first. */
export function renderManifestDoc(example: string): string {
  const schema = manifestJsonSchema() as Schema;
  const node = valueSchema(schema.properties?.services);
  const environment = valueSchema(schema.properties?.environments);
  const secret = valueSchema(schema.properties?.secrets);
  return `<!-- Generated from src/manifest/schema.ts by \`npm run docs\`. Do not edit. -->

# The manifest, mesh.yaml

One file says what runs, on what it depends, and how readiness is shown. Everything else is made from it. Editors check
and complete it with the JSON Schema that \`mesh schema\` prints (also \`schema/manifest.json\` of the package).

\`\`\`yaml
${example.trimEnd()}
\`\`\`

## The file

${table(schema, schema.required ?? [])}

Keys that begin with \`x-\` are free: a place for YAML anchors.

## A server or service

Servers stand under \`infrastructure\`, services under \`services\`; both take the same keys. Either \`image\` or \`build\`
is needed. What is not said gets the default that its description names.

${table(node, [])}

${BLOCKS.map((path) => blockSection(node, path)).join('\n')}
## Secrets

\`secrets\` names the secrets that settings refer to. Values come from the environment, then from \`.mesh/secrets.env\`, then
from \`default\`; a secret that has none of these is made, strong and random, on first use. That file is private to you
(mode 0600) and ignored by git. It has \`NAME=value\` lines; put a value that holds \`$\`, \`#\`, quotes or spaces into single
quotes, so that Docker Compose reads it as mesh does. A value that is too short is an error before anything starts.

${table(secret, [])}

## Environments

\`environments\` holds named sets of changes. \`mesh dev up -e prod\` uses one of them; \`dev\` is used when none is asked for, and
need not be there. Maps are merged key by key, everything else is replaced, and an empty value (\`redis: null\`) removes
what stands below. The same rules hold for \`extends\`.

${table(environment, [])}

## References

Texts may hold references. They are resolved for the place where they are read, so that no address is written twice.

| reference | means |
|---|---|
| \`\${consul.http.url}\` | the address of an endpoint: \`url\` (scheme, host and port), \`address\` (host and port), \`host\`, \`port\` |
| \`\${self.http.port}\` | the same, of the node that holds the text |
| \`\${postgres.values.database}\` | a named value of a node, as its \`values\` say |
| \`\${secrets.jwt}\` | the value of a secret; it never appears in files that are committed, in logs or in plans |
| \`\${env.NAME:-default}\` | a variable of your environment; without a default it must be set |
| \`\${mesh.name}\`, \`\${mesh.version}\`, \`\${mesh.environment}\` | what the manifest says |
| \`$\${\` | a literal \`\${\` |

They are resolved in \`env\`, in \`run.env\`, in \`files\` and in the user and database of a PostgreSQL check. In \`command\` a \`\${NAME}\` is the
shell's; pass a reference through \`env\` and read the variable there.

## Builds

\`mesh dev up\` builds an image that is missing, and one of which the sources, the Dockerfile or the manifest changed since mesh
built it; cached steps cost seconds. \`--build\` builds all, \`--no-build\` takes what is there. \`node\` installs with \`npm ci\` where there is a package-lock.json, and with \`npm install\` where there is none.

## Host processes

Without a Docker engine, or with \`--engine process\`, services with a \`node\` or \`dotnet\` build run as processes of this machine,
PostgreSQL comes with mesh, and Redis, RabbitMQ, Consul and Prometheus are used where they are on PATH. All of them share one
machine there, so a service must listen where it is told: \`PORT: \${self.http.port}\` is 80 in its container and its host port
outside. \`without: [consul]\` names needs that a service can do without; it gets no address of them then.

\`run\` says how any other node runs there, be it an image or your own Dockerfile, and goes before all that mesh knows by
itself: \`run: ./worker --fast\` is run by \`sh -c\`, \`run: [node, worker.mjs]\` as it is, and
\`run: { command: ./worker, folder: bin }\` says where. A \`node\` or \`dotnet\` build runs first, and \`env\` is its environment; what
else the command reads is nobody's business but its own, so an edit there takes \`mesh dev restart\`. \`files\`, \`volumes\` and
\`user\` are the container's, and Docker takes no notice of \`run\`.

## Host ports

\`host\` of an endpoint says where it is published on this machine, always on 127.0.0.1:

- a number: that port, or an error that names who has it;
- a list of wishes, \`[5001, 5010]\`: the first one that no other node of the mesh has. \`mesh dev ports\` shows the decision;
- \`auto\`: the engine picks a free one at each start; \`none\`: not published;
- nothing: the same number as inside the container, or \`auto\` below 1024.

Replicas after the first get ports of the engine's choice.
`;
}

function valueSchema(schema: Schema | undefined): Schema {
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : {};
}

/** Keys with keys of their own, and those in them. */
const BLOCKS = [
  ['endpoints'],
  ['health'],
  ['health', 'ready'],
  ['build'],
  ['files'],
  ['resources'],
  ['resources', 'requests'],
  ['run'],
  ['metrics'],
  ['kubernetes'],
  ['kubernetes', 'external'],
];

function blockSection(node: Schema, path: readonly string[]): string {
  const schema = path.reduce((outer: Schema | undefined, key) => outer?.properties?.[key], node);
  const inner =
    schema?.additionalProperties !== undefined && typeof schema.additionalProperties === 'object'
      ? schema.additionalProperties
      : schema;
  const forms = (inner?.anyOf ?? [inner ?? {}]).filter((form) => form.properties !== undefined);
  const tables = forms.map((form) => table(form, form.required ?? []));
  return `### \`${path.join('.')}\`\n\n${tables.join('\n\nor\n\n')}\n`;
}

function table(schema: Schema, required: readonly string[]): string {
  const rows = Object.entries(schema.properties ?? {})
    .filter(([key]) => !key.startsWith('$'))
    .map(
      ([key, value]) =>
        `| \`${key}\`${required.includes(key) ? ' (needed)' : ''} | ${cell(typeOf(value))} | ${cell(value.description ?? '')} |`,
    );
  return ['| key | form | meaning |', '|---|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items ?? {})}`;
    case 'object':
      return typeof schema.additionalProperties === 'object' && schema.properties === undefined
        ? `map of name to ${typeOf(schema.additionalProperties)}`
        : 'block';
    case 'integer':
      return schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < 1e9
        ? `number ${schema.minimum}–${schema.maximum}`
        : 'number';
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    default:
      return schema.type ?? 'any';
  }
}
