import { type App, Problem } from '@toskamesh/shared';
import type { Changed, ConfigStore } from './config-store.ts';
import { type ConfigDocument, describeKey, problemIn } from './document.ts';
import { KEY } from './key-schema.ts';
import { entityTag, isMet, parseConditions } from './precondition.ts';
import { MAX_VERSION, queryNumber } from './query-number.ts';

const BODY_LIMIT_BYTES = 256 * 1024;
const PATH = '/api/config/:service/:environment';
const PAGE = { fallback: 50, min: 1, max: 200 };
const VERSION = { fallback: 0, min: 1, max: MAX_VERSION };

const DOCUMENT_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { version: { type: 'string' } },
} as const;

const VALUES = {
  type: 'object',
  required: ['values'],
  additionalProperties: false,
  properties: { values: { type: 'object', additionalProperties: true } },
} as const;

const ROLLBACK = {
  type: 'object',
  required: ['version'],
  additionalProperties: false,
  properties: { version: { type: 'integer', minimum: 1, maximum: MAX_VERSION } },
} as const;

const HISTORY_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { limit: { type: 'string' }, before: { type: 'string' } },
} as const;

const LIST_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'string' },
    after: { type: 'string', pattern: '^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$', description: 'must be service/environment' },
  },
} as const;

export function addConfigRoutes(app: App, store: ConfigStore): void {
  app.get(PATH, { schema: { params: KEY, querystring: DOCUMENT_QUERY } }, async (request, reply) => {
    const { params: key, query } = request;
    const conditions = parseConditions(request.headers);
    const version = queryNumber('version', query.version, VERSION);
    const document = query.version === undefined ? await store.newest(key) : await store.version(key, version);
    // An old version that is a deletion is shown as one; the newest is as good as none.
    if (document === undefined || (query.version === undefined && document.deleted)) {
      const what = query.version === undefined ? 'there is no' : `version ${version} is not kept of`;
      throw new Problem(404, `${what} ${describeKey(key)}`);
    }
    reply.header('etag', entityTag(document.version));
    if (!isMet({ ifMatch: undefined, ifNoneMatch: conditions.ifNoneMatch }, document.version)) {
      return reply.code(304).send();
    }
    return document;
  });

  const put = { schema: { params: KEY, body: VALUES }, bodyLimit: BODY_LIMIT_BYTES } as const;
  app.put(PATH, put, async (request, reply) => {
    const { values } = request.body;
    const problem = problemIn(values);
    if (problem !== undefined) {
      throw new Problem(400, 'the body is not as expected', { errors: [problem] });
    }
    const { document, created } = await store.put(request.params, values, changeOf(request));
    return reply
      .code(created ? 201 : 200)
      .headers(tagOf(document))
      .send(document);
  });

  app.delete(PATH, { schema: { params: KEY } }, async (request, reply) => {
    const { document } = await store.delete(request.params, changeOf(request));
    return reply.headers(tagOf(document)).send(document);
  });

  app.post(`${PATH}/rollback`, { schema: { params: KEY, body: ROLLBACK } }, async (request, reply) => {
    const changed: Changed = await store.rollback(request.params, request.body.version, changeOf(request));
    return reply.headers(tagOf(changed.document)).send(changed.document);
  });

  app.get(`${PATH}/history`, { schema: { params: KEY, querystring: HISTORY_QUERY } }, async (request) => {
    const { params: key, query } = request;
    const limit = queryNumber('limit', query.limit, PAGE);
    const before = queryNumber('before', query.before, { ...VERSION, fallback: MAX_VERSION });
    return { versions: await store.history(key, { limit, before }) };
  });

  app.get('/api/config', { schema: { querystring: LIST_QUERY } }, async (request) => {
    const { query } = request;
    const limit = queryNumber('limit', query.limit, PAGE);
    const [service = '', environment = ''] = query.after?.split('/') ?? [];
    return { configurations: await store.list({ service, environment }, limit) };
  });
}

interface ChangeRequest {
  readonly user: { readonly subject: string } | undefined;
  readonly headers: Parameters<typeof parseConditions>[0];
}

function changeOf({ user, headers }: ChangeRequest) {
  return { changedBy: user?.subject ?? '', conditions: parseConditions(headers) };
}

function tagOf({ version }: ConfigDocument): { readonly etag: string } {
  return { etag: entityTag(version) };
}
