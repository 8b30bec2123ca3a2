import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { Logger } from './log.ts';
import type { TokenClaims } from './tokens.ts';
import type { RequestTrace } from './tracing.ts';

/** Fastify with the services' logger; a route's JSON schemas give the types of its request. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, JsonSchemaToTsProvider>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token. */
    readonly public?: boolean;
    /** Asked so often by machines that a log line and a span for each would hide the rest. */
    readonly quiet?: boolean;
  }

  interface FastifyRequest {
    /** Who calls, as their token says; undefined on a public route that is called without one. */
    user: TokenClaims | undefined;
    /** Undefined on quiet routes. */
    trace: RequestTrace | undefined;
  }
}
