import { type App, Problem } from '@toskamesh/shared';
import { describeChange, describeInstance, describeMesh } from './describe.ts';
import type { EventStream } from './event-stream.ts';
import type { Monitor } from './monitor.ts';
import { PAGE_POLICY, renderStatusPage } from './status-page.ts';

export interface RouteParts {
  readonly monitor: Monitor;
  readonly events: EventStream;
  /** Where the instances are from, for people. */
  readonly source: string;
}

/** The health monitor has no secret to check tokens with: what it tells is public. */
export function addHealthRoutes(app: App, { monitor, events, source }: RouteParts): void {
  const config = { public: true };
  const instances = () => monitor.watched.map(describeInstance);

  app.get('/api/health/services', { config }, async () => ({ services: instances() }));

  app.get<{ Params: { id: string } }>('/api/health/services/:id/history', { config }, async ({ params }) => {
    const watched = monitor.find(params.id);
    if (watched === undefined) {
      throw new Problem(404, 'no instance of this id is registered, nor was lately; see /api/health/services');
    }
    return { ...describeInstance(watched), history: watched.history.map(describeChange) };
  });

  // As long as it is open, it is one request that does not end: no span, no log line.
  // Nor does a HEAD have an end.
  const stream = { exposeHeadRoute: false, config: { ...config, quiet: true } };
  app.get('/api/health/events', stream, async (_request, reply) =>
    reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      // nginx and its like would hold the events back until there are enough to fill a buffer.
      .header('x-accel-buffering', 'no')
      .send(events.subscribe('snapshot', { services: instances() })),
  );

  // The page asks often, and so do watchers on a wall.
  app.get('/status', { config: { ...config, quiet: true } }, async ({ headers }, reply) => {
    const mesh = describeMesh(monitor.watched);
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    if (headers.accept?.includes('text/html') !== true) {
      return mesh;
    }
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': PAGE_POLICY, 'x-content-type-options': 'nosniff' })
      .send(renderStatusPage(mesh, source, new Date()));
  });
}
