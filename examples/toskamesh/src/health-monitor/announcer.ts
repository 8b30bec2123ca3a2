import type { EventBus } from '@toskamesh/shared';
import { describeChange, describeInstance } from './describe.ts';
import type { Change, Status, Watched } from './watched.ts';

export const HEALTH_EXCHANGE = 'toskamesh.health';

/** What others act on; the rest is for those who look. */
const ANNOUNCED: ReadonlySet<Status> = new Set(['healthy', 'unhealthy', 'gone']);

/** Publishes on the bus as `instance.healthy` and so on; what changes during an outage of the bus is told after it. */
export class Announcer {
  readonly #bus: EventBus;
  /** The last that was told of each instance. */
  readonly #told = new Map<string, Status>();
  /** The newest of each instance that is not told yet. */
  readonly #waiting = new Map<string, { readonly status: Status; readonly event: object }>();

  constructor(bus: EventBus) {
    this.#bus = bus;
    bus.dependency.onChange(() => this.#tell());
  }

  announce(watched: Watched, change: Change): void {
    if (ANNOUNCED.has(change.to)) {
      const { status, ...instance } = describeInstance(watched);
      this.#waiting.set(instance.id, { status, event: { ...instance, ...describeChange(change) } });
      this.#tell();
    }
  }

  #tell(): void {
    if (!this.#bus.dependency.ok) {
      return;
    }
    for (const [id, { status, event }] of this.#waiting) {
      // Healthy again after a moment in which it was degraded is no news to who was never told of that.
      if (this.#told.get(id) !== status) {
        this.#bus.publish(`instance.${status}`, event);
      }
      if (status === 'gone') {
        this.#told.delete(id);
      } else {
        this.#told.set(id, status);
      }
    }
    this.#waiting.clear();
  }
}
