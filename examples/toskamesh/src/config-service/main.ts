import { runBusinessService } from '@toskamesh/shared';
import { ChangeFeed } from './change-feed.ts';
import { addConfigRoutes } from './config-routes.ts';
import { ConfigStore } from './config-store.ts';
import { addWatchRoutes } from './watch-routes.ts';
import { Watchers } from './watchers.ts';

await runBusinessService({
  name: 'config-service',
  migrations: new URL('../../migrations/config-service', import.meta.url),
  start: (app, { database, settings, log }) => {
    const keptVersions = settings.integer('Config__KeptVersions', { fallback: 1000, min: 1, max: 100_000 });
    const maxWatchers = settings.integer('Config__MaxWatchers', { fallback: 1000, min: 1, max: 10_000 });
    const store = new ConfigStore(database, keptVersions);
    const watchers = new Watchers((key) => store.newest(key), maxWatchers);
    const feed = new ChangeFeed({
      database,
      log,
      onChange: (name) => watchers.changed(name),
      onListening: () => watchers.allChanged(),
      onAnswer: () => watchers.readStale(),
    });
    addConfigRoutes(app, store);
    addWatchRoutes(app, store, watchers);
    database.dependency.onChange((check) => {
      if (check === 'ok') {
        feed.start();
      }
    });
    return {
      async stop() {
        watchers.stop();
        await feed.stop();
      },
    };
  },
});
