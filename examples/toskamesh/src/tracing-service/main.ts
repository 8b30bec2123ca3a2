import { randomBytes } from 'node:crypto';
import { runBusinessService } from '../shared/business-service.ts';
import { HttpError, textField } from '../shared/web-server.ts';

const PATH = /^\/api\/traces$/;
const MAX_LISTED = 100;

interface SpanRow {
  readonly trace_id: string;
  readonly service: string;
  readonly name: string;
  readonly duration_ms: number;
  readonly received_at: Date;
}

await runBusinessService({
  name: 'tracing-service',
  schema: `create table if not exists mesh_spans (
    id bigint generated always as identity primary key, trace_id text not null, service text not null,
    name text not null, duration_ms double precision not null, received_at timestamptz not null default now())`,
  routes: ({ database }) => [
    {
      method: 'POST',
      path: PATH,
      handle: async ({ json }) => {
        const body = await json();
        const service = textField(body, 'service', 200);
        const name = textField(body, 'name', 500);
        const { traceId = randomBytes(16).toString('hex'), durationMs } = body as Record<string, unknown>;
        if (typeof traceId !== 'string' || !/^[0-9a-f]{32}$/.test(traceId)) {
          throw new HttpError(400, '"traceId" must be 32 lower-case hexadecimal digits');
        }
        if (typeof durationMs !== 'number' || durationMs < 0) {
          throw new HttpError(400, 'the body needs "durationMs", a number of 0 or more');
        }
        await database.query('insert into mesh_spans (trace_id, service, name, duration_ms) values ($1, $2, $3, $4)', [
          traceId,
          service,
          name,
          durationMs,
        ]);
        return { status: 201, body: { traceId } };
      },
    },
    {
      method: 'GET',
      path: PATH,
      handle: async () => {
        const rows = await database.query<SpanRow>(
          'select trace_id, service, name, duration_ms, received_at from mesh_spans order by id desc limit $1',
          [MAX_LISTED],
        );
        const spans = rows.map((row) => ({
          traceId: row.trace_id,
          service: row.service,
          name: row.name,
          durationMs: row.duration_ms,
          receivedAt: row.received_at,
        }));
        return { status: 200, body: { spans } };
      },
    },
  ],
});
