import { runBusinessService } from '../shared/business-service.ts';
import { HttpError, type Route } from '../shared/web-server.ts';

const KEY_PATH = /^\/api\/config\/([^/]{1,300})$/;

interface ConfigRow {
  readonly value: unknown;
  readonly updated_at: Date;
}

await runBusinessService({
  name: 'config-service',
  schema: `create table if not exists mesh_config (
    key text primary key, value jsonb not null, updated_at timestamptz not null default now())`,
  routes: ({ database }): readonly Route[] => [
    {
      method: 'GET',
      path: KEY_PATH,
      handle: async ({ parameters: [key] }) => {
        const [row] = await database.query<ConfigRow>('select value, updated_at from mesh_config where key = $1', [
          key,
        ]);
        if (row === undefined) {
          throw new HttpError(404, `no value is kept for ${key}`);
        }
        return { status: 200, body: { key, value: row.value, updatedAt: row.updated_at } };
      },
    },
    {
      method: 'PUT',
      path: KEY_PATH,
      handle: async ({ parameters: [key], json }) => {
        // As text, since the driver would write a list as a PostgreSQL array.
        const value = JSON.stringify(await json());
        const [row] = await database.query<ConfigRow>(
          `insert into mesh_config (key, value) values ($1, $2::jsonb)
           on conflict (key) do update set value = excluded.value, updated_at = now()
           returning value, updated_at`,
          [key, value],
        );
        return { status: 200, body: { key, value: row?.value, updatedAt: row?.updated_at } };
      },
    },
  ],
});
