import * as z from 'zod';
import { duration, filledText, name, text, urlPath, words } from './schema-words.ts';

const check = z
  .union([
    urlPath.transform((http): { http: string; endpoint?: string | undefined; status?: number | undefined } => ({
      http,
    })),
    z.strictObject({
      http: urlPath.describe('GET this path'),
      endpoint: name.optional().describe('the endpoint to ask; the first http endpoint when not given'),
      status: z.int().min(100).max(599).optional().describe('the wanted status; any of 200–299 when not given'),
    }),
    z.strictObject({
      grpc: name.describe('the endpoint to ask with the standard gRPC health protocol'),
      service: text.optional().describe('the service name of the request; empty asks for the server as a whole'),
    }),
    z.strictObject({
      postgres: name.describe('the endpoint to send a PostgreSQL start-up packet to'),
      user: text.optional(),
      database: text.optional(),
    }),
    z.strictObject({ redis: name.describe('the endpoint to send PING to') }),
    z.strictObject({ amqp: name.describe('the endpoint to greet with the AMQP header') }),
    z.strictObject({ consul: name.describe('the http endpoint to ask for a cluster leader') }),
    z.strictObject({ tcp: name.describe('the endpoint that must accept a connection and keep it') }),
    z.strictObject({ exec: words.describe('a command inside the container that must exit with 0') }),
    z.strictObject({ log: filledText.describe('a regular expression that a log line must match') }),
  ])
  .describe('what shows it: a path means GET on the first http endpoint');

/** How a node shows that it is ready, and that it lives. */
export const health = z
  .strictObject({
    ready: check.optional().describe('the readiness check; others wait for it'),
    live: check.optional().describe('the liveness check of Kubernetes'),
    within: duration
      .optional()
      .describe('how long it may take to become ready, for `mesh dev up` and for Kubernetes; 60s when not given'),
    readyDelay: duration.optional().describe('before the first readiness probe in Kubernetes'),
    readyEvery: duration.optional().describe('between readiness probes in Kubernetes'),
    liveDelay: duration.optional().describe('before the first liveness probe in Kubernetes'),
    liveEvery: duration.optional().describe('between liveness probes in Kubernetes'),
    client: z
      .enum(['bash', 'curl', 'node', 'wget', 'none'])
      .optional()
      .describe('what the image has to make a request with, for the health check in docker-compose.yml'),
    container: z.array(text).min(1).optional().describe('the exact command of the health check in docker-compose.yml'),
  })
  .describe('how readiness is shown');
