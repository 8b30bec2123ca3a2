import { freePorts } from './free-ports.ts';
import { type RunningService, startService } from './running-service.ts';

/** What `/cluster` answers. */
export interface ClusterAnswer {
  readonly current: boolean;
  readonly self: string | null;
  readonly leader: string | null;
  readonly members: readonly {
    readonly id: string;
    readonly siloPort: number;
    readonly leader: boolean;
    readonly heardAt: string | null;
  }[];
}

export interface RunningSilo extends RunningService {
  readonly siloPort: number;
  cluster(): Promise<ClusterAnswer>;
}

/** @param ports - the silo port and the gateway port; free ones when it is missing */
export async function startSilo(
  environment: Readonly<Record<string, string>> = {},
  ports?: readonly number[],
): Promise<RunningSilo> {
  const [siloPort = 0, gatewayPort = 0] = ports ?? (await freePorts(2));
  const service = await startService('core', {
    Orleans__SiloPort: String(siloPort),
    Orleans__GatewayPort: String(gatewayPort),
    ...environment,
  });
  const cluster = async () => (await (await fetch(`${service.url}/cluster`)).json()) as ClusterAnswer;
  return { ...service, siloPort, cluster };
}
