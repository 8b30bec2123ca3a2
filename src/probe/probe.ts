/** What one try of a check saw. `answer` is for people: `503 {"status":"unready"}`, `connection refused`. */
export interface ProbeAnswer {
  readonly ok: boolean;
  readonly answer: string;
}

/** A check with all names turned into addresses: what a prober needs, and nothing else. */
export type ProbeTarget =
  | {
      readonly kind: 'http';
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly status?: number | undefined;
    }
  | { readonly kind: 'grpc'; readonly host: string; readonly port: number; readonly service: string }
  | {
      readonly kind: 'postgres';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly database: string;
    }
  | { readonly kind: 'redis' | 'amqp' | 'consul' | 'tcp'; readonly host: string; readonly port: number };
