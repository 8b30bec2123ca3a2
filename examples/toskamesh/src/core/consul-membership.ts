import {
  ConsulClient,
  ConsulLocks,
  Dependency,
  describeError,
  hostOf,
  type Logger,
  portOf,
  reachableAddress,
  tcpReach,
} from '@toskamesh/shared';
import {
  type Cluster,
  clusterKey,
  createMember,
  type Enrolled,
  earlierRuns,
  leaderKey,
  type Member,
  memberKey,
  parseCluster,
} from './cluster.ts';
import type { ClusterStatus, Membership } from './membership.ts';
import type { Silo } from './silo.ts';

const CONNECT_MS = 1000;
/** Consul's least. It is renewed every two seconds, so four renewals may fail. */
const SESSION_SECONDS = 10;
/** Time for a leader that was declared dead to notice it: its lease ends no later than its session. */
const LOCK_DELAY_SECONDS = 1;

/**
 * The members and the leader are keys in Consul that live by the sessions of their silos:
 * https://developer.hashicorp.com/consul/tutorials/developer-configuration/application-leader-elections
 */
export class ConsulMembership implements Membership {
  readonly kind = 'consul';
  readonly #silo: Silo;
  readonly #address: URL;
  readonly #log: Logger;
  readonly #locks: ConsulLocks;
  readonly #services: ConsulClient;
  readonly #dependency: Dependency;
  readonly #startedAt = new Date();
  #own: Enrolled | undefined;
  #cluster: Cluster = { members: [], leaderSession: undefined };
  #asOf: Date | undefined;
  /** Until then Consul does not end this silo's session, nor give away what it holds. On the clock of `performance.now()`. */
  #leaseUntil = 0;
  #toldLeader: string | undefined;
  #onSeen: (status: ClusterStatus) => void = () => undefined;

  constructor(silo: Silo, address: URL, log: Logger) {
    this.#silo = silo;
    this.#address = address;
    this.#log = log;
    this.#locks = new ConsulLocks(address);
    this.#services = new ConsulClient(address);
    this.#dependency = new Dependency({ name: 'consul', log, probe: () => this.#probe() });
  }

  get dependencies(): readonly Dependency[] {
    return [this.#dependency];
  }

  status(): ClusterStatus {
    const { members, leaderSession } = this.#cluster;
    // Once the own session may have ended, so may everybody's.
    const isSure = performance.now() < this.#leaseUntil;
    const leader = members.find(({ session }) => session === leaderSession);
    return {
      members: members.map(({ session: _, ...member }) => member),
      self: this.#own?.id,
      leader: isSure ? leader?.id : undefined,
      asOf: this.#asOf,
    };
  }

  start(onJoined: () => void, onSeen: (status: ClusterStatus) => void): void {
    this.#onSeen = onSeen;
    let joined = false;
    this.#dependency.onChange((check) => {
      if (check === 'ok' && !joined) {
        joined = true;
        onJoined();
      }
    });
    this.#dependency.start();
  }

  /** Gives the leadership back, so that another silo need not wait for this one's session to end. */
  async leave(): Promise<void> {
    await this.#dependency.stop();
    const own = this.#own;
    if (own !== undefined && this.#dependency.ok) {
      const { session } = own;
      try {
        if (this.#cluster.leaderSession === session) {
          await this.#locks.release(leaderKey(this.#silo.clusterId), session);
        }
        await this.#locks.destroySession(session);
        await this.#services.deregister(this.#serviceId(own));
        this.#log.info({ silo: own.id }, 'left the cluster');
      } catch (error) {
        this.#log.warn({ reason: describeError(error) }, 'could not leave the cluster: it will notice');
      }
    }
    this.#locks.close();
    this.#services.close();
  }

  async #probe(): Promise<void> {
    try {
      await this.#keep();
    } finally {
      const status = this.status();
      this.#tellLeader(status);
      this.#onSeen(status);
    }
  }

  async #keep(): Promise<void> {
    const askedAt = performance.now();
    const own = await this.#keepSession();
    await this.#keepService(own);
    let cluster = await this.#look();
    for (const earlier of earlierRuns(cluster, own)) {
      this.#log.info({ silo: earlier.id }, 'ends the session of its earlier run');
      await this.#locks.destroySession(earlier.session);
    }
    if (await this.#claimMissing(cluster, own)) {
      cluster = await this.#look();
    }
    this.#cluster = cluster;
    this.#asOf = new Date();
    this.#leaseUntil = askedAt + SESSION_SECONDS * 1000;
  }

  async #look(): Promise<Cluster> {
    const { clusterId } = this.#silo;
    return parseCluster(clusterId, await this.#locks.list(clusterKey(clusterId)));
  }

  /** A silo whose session has ended, or whose Consul has lost it, joins again. */
  async #keepSession(): Promise<Enrolled> {
    const before = this.#own;
    if (before !== undefined && (await this.#locks.renewSession(before.session))) {
      return before;
    }
    // Whatever it led, it leads no more.
    this.#leaseUntil = 0;
    const member = before ?? (await this.#createMember());
    const session = await this.#locks.createSession({
      name: `core ${this.#silo.clusterId}`,
      ttlSeconds: SESSION_SECONDS,
      lockDelaySeconds: LOCK_DELAY_SECONDS,
    });
    const own = { ...member, session };
    this.#own = own;
    this.#log.info({ silo: own.id, again: before !== undefined }, 'joins the cluster');
    return own;
  }

  async #createMember(): Promise<Member> {
    const local = await tcpReach(hostOf(this.#address), portOf(this.#address), CONNECT_MS);
    return createMember(this.#silo, reachableAddress(undefined, local), this.#startedAt);
  }

  /** Takes the own record and the leadership where nobody has them; tells whether it got any. */
  async #claimMissing({ members, leaderSession }: Cluster, own: Enrolled): Promise<boolean> {
    const { clusterId } = this.#silo;
    const { session, ...member } = own;
    const isListed = members.some((other) => other.session === session);
    if (!isListed && !(await this.#locks.acquire(memberKey(clusterId, member), session, member))) {
      throw new Error('the record of this silo is not free yet');
    }
    const leads =
      leaderSession === undefined && (await this.#locks.acquire(leaderKey(clusterId), session, { id: own.id }));
    return leads || !isListed;
  }

  /** Beside its membership the silo is a service of the mesh, which the health monitor finds and probes. */
  async #keepService(member: Member): Promise<void> {
    const id = this.#serviceId(member);
    if (!(await this.#services.heartbeat(id))) {
      const { clusterId, serviceId, gatewayPort, siloPort } = this.#silo;
      await this.#services.register({
        id,
        service: 'core',
        address: member.address,
        port: siloPort,
        scheme: 'tcp',
        healthPath: '',
        passing: true,
        metadata: { clusterId, serviceId, gatewayPort: String(gatewayPort) },
      });
    }
  }

  #serviceId({ address }: Member): string {
    return `core-${this.#silo.clusterId}-${address}-${this.#silo.siloPort}`;
  }

  #tellLeader({ leader, self }: ClusterStatus): void {
    if (leader !== this.#toldLeader) {
      this.#toldLeader = leader;
      const message = leader === undefined ? 'knows no leader' : leader === self ? 'leads the cluster' : 'follows';
      this.#log.info({ leader }, message);
    }
  }
}
