import { type App, type Instance, Problem } from '@toskamesh/shared';
import { openEventStream } from './event-stream.ts';
import { idSchema, instanceSchema, serviceSchema } from './instance-schema.ts';
import type { Registry } from './registry.ts';
import type { ServiceAccess } from './service-access.ts';

const BASE = '/api/discovery';

const idParams = { type: 'object', required: ['id'], properties: { id: idSchema } } as const;
const serviceParams = { type: 'object', required: ['service'], properties: { service: serviceSchema } } as const;
const serviceQuery = { type: 'object', properties: { service: serviceSchema } } as const;
const heartbeatBody = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: { unready: { type: 'boolean' } },
} as const;

/** No route needs a user's token. */
const open = { public: true };
/** Sent so often that a log line and a span for each would hide the rest. */
const frequent = { public: true, quiet: true };

/** The registry over HTTP: the same as over gRPC, for whoever has only curl. */
export function addHttpApi(app: App, registry: Registry, access: ServiceAccess): void {
  app.addHook('onRequest', async (request) => {
    const { url = '' } = request.routeOptions;
    if (url.startsWith(BASE)) {
      refuseForwarded(request.headers);
      const needsToken = url.startsWith(`${BASE}/services/`) || url.startsWith(`${BASE}/watch`);
      await access.check(request.headers.authorization, needsToken ? 'required' : 'optional');
    }
  });

  app.post(`${BASE}/instances`, { config: open, schema: { body: instanceSchema } }, async ({ body }, reply) => {
    const instance: Instance = { scheme: 'http', healthPath: '', passing: true, metadata: {}, ...body };
    await registry.register(instance);
    return reply.code(201).send({ id: body.id, ttlSeconds: registry.ttlSeconds });
  });

  app.put(
    `${BASE}/instances/:id/heartbeat`,
    { config: frequent, schema: { params: idParams, body: heartbeatBody } },
    async ({ params, body }) => {
      requireKnown(params.id, await registry.heartbeat(params.id, body?.unready !== true));
      return { known: true };
    },
  );

  app.delete(`${BASE}/instances/:id`, { config: open, schema: { params: idParams } }, async ({ params }, reply) => {
    requireKnown(params.id, await registry.deregister(params.id));
    return reply.code(204).send();
  });

  app.get(`${BASE}/instances`, { config: open, schema: { querystring: serviceQuery } }, async ({ query }) => {
    const instances = await registry.list();
    const wanted = query.service;
    return { instances: wanted === undefined ? instances : instances.filter(({ service }) => service === wanted) };
  });

  app.get(`${BASE}/services/:service`, { config: open, schema: { params: serviceParams } }, async ({ params }) => ({
    instances: await registry.resolve(params.service),
  }));

  // Quiet, for a span that lasts as long as the watcher would measure nothing.
  const watch = { config: frequent, schema: { querystring: serviceQuery }, exposeHeadRoute: false } as const;
  app.get(`${BASE}/watch`, watch, async ({ query }, reply) => {
    const events = openEventStream(reply);
    const unwatch = await registry.watch(query.service ?? '', events);
    events.onClose(unwatch);
    return reply;
  });
}

/** Gateways and proxies name whom they forward for. The registry is for the mesh alone: it says where everything is. */
function refuseForwarded(headers: Readonly<Record<string, unknown>>): void {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) {
    throw new Problem(403, 'the registry does not serve callers from outside the mesh');
  }
}

function requireKnown(id: string, known: boolean): void {
  if (!known) {
    throw new Problem(404, `there is no instance ${id}: it has to register`);
  }
}
