import { connect, type Socket } from 'node:net';
import type { Logger } from '@toskamesh/shared';
import type { Member } from './cluster.ts';
import { renderHeartbeat } from './heartbeat.ts';
import type { ClusterStatus } from './membership.ts';
import { readHeartbeats } from './silo-connection.ts';

const HEARTBEAT_MS = 2000;
/** One that has not answered three heartbeats is out of reach. */
const LOST_MS = 3 * HEARTBEAT_MS;
/** More silos than a cluster of this kind ever has. */
const MAX_LINKS = 64;

interface Link {
  readonly member: Member;
  socket: Socket | undefined;
  heardAt: Date | undefined;
  reached: boolean;
}

/** A connection to each other silo of the cluster, with a heartbeat on it. */
export class PeerLinks {
  readonly #log: Logger;
  readonly #links = new Map<string, Link>();
  #self: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Connects to those who are new and forgets those who have left. */
  meet({ members, self }: ClusterStatus): void {
    this.#self = self;
    const others = members.filter(({ id }) => id !== self).slice(0, MAX_LINKS);
    const wanted = new Set(others.map(({ id }) => id));
    for (const [id, { socket }] of this.#links) {
      if (!wanted.has(id)) {
        socket?.destroy();
        this.#links.delete(id);
      }
    }
    for (const member of others) {
      if (!this.#links.has(member.id)) {
        this.#links.set(member.id, { member, socket: undefined, heardAt: undefined, reached: false });
      }
    }
  }

  /** When a silo last answered; undefined when it never did. */
  heardAt(id: string): Date | undefined {
    return this.#links.get(id)?.heardAt;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#links.values()) {
      socket?.destroy();
    }
    this.#links.clear();
  }

  #beat(): void {
    for (const link of this.#links.values()) {
      link.socket ??= this.#connect(link);
      if (this.#self !== undefined && link.socket.writableLength === 0) {
        link.socket.write(renderHeartbeat(this.#self, new Date()));
      }
      this.#tellReach(link);
    }
  }

  #connect(link: Link): Socket {
    const { address: host, siloPort: port } = link.member;
    const socket = connect({ host, port, noDelay: true });
    readHeartbeats(socket, ({ silo }) => {
      if (silo === link.member.id) {
        link.heardAt = new Date();
      }
    });
    socket.on('close', () => {
      // The next heartbeat connects anew.
      link.socket = undefined;
    });
    return socket;
  }

  #tellReach(link: Link): void {
    const reached = link.heardAt !== undefined && Date.now() - link.heardAt.getTime() < LOST_MS;
    if (reached !== link.reached) {
      link.reached = reached;
      this.#log.info({ silo: link.member.id }, reached ? 'reaches a silo' : 'does not reach a silo any more');
    }
  }
}
