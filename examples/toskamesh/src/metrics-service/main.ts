import { runBusinessService } from '../shared/business-service.ts';

interface SampleRow {
  readonly service: string;
  readonly instances: number;
  readonly samples: number;
  readonly last_seen: Date;
}

await runBusinessService({
  name: 'metrics-service',
  schema: `create table if not exists mesh_service_samples (
    service text not null, instances integer not null, taken_at timestamptz not null default now());
    create index if not exists mesh_service_samples_by_service on mesh_service_samples (service, taken_at desc)`,
  routes: ({ database, discovery }) => [
    {
      // Each request takes a sample of what discovery knows, so that there is no background work to look after.
      method: 'GET',
      path: /^\/api\/metrics\/services$/,
      handle: async () => {
        const found = (await discovery?.call('List', {}))?.instances ?? [];
        const counts = new Map<string, number>();
        for (const { service, passing } of found) {
          counts.set(service, (counts.get(service) ?? 0) + (passing ? 1 : 0));
        }
        await database.query(
          'insert into mesh_service_samples (service, instances) select * from unnest($1::text[], $2::integer[])',
          [[...counts.keys()], [...counts.values()]],
        );
        const rows = await database.query<SampleRow>(
          `select distinct on (service) service, instances, taken_at as last_seen,
             (count(*) over (partition by service))::integer as samples
           from mesh_service_samples order by service, taken_at desc`,
        );
        const services = rows.map(({ service, instances, samples, last_seen }) => ({
          service,
          instances,
          samples,
          lastSeen: last_seen,
        }));
        return { status: 200, body: { services } };
      },
    },
  ],
});
