import { runBusinessService } from '../shared/business-service.ts';
import { signToken } from '../shared/jwt.ts';
import { textField } from '../shared/web-server.ts';

const MAX_HOURS = 24 * 365;

await runBusinessService({
  name: 'auth-service',
  schema: `create table if not exists mesh_issued_tokens (
    id uuid primary key, subject text not null, expires_at timestamptz not null)`,
  routes: ({ database, settings, jwtSecret, jwtParties }) => {
    const hours = settings.integer('Jwt__Expiration', { fallback: 24, min: 1, max: MAX_HOURS });
    return [
      {
        // It keeps a record of each token, but asks for no password: it stands in for a real issuer and is none.
        method: 'POST',
        path: /^\/api\/auth\/token$/,
        handle: async ({ json }) => {
          const subject = textField(await json(), 'subject', 200);
          const { token, claims } = signToken(jwtSecret, { ...jwtParties, subject, lifetimeSeconds: hours * 3600 });
          await database.query(
            'insert into mesh_issued_tokens (id, subject, expires_at) values ($1, $2, to_timestamp($3))',
            [claims.jti, subject, claims.exp],
          );
          return { status: 200, body: { token, tokenType: 'Bearer', expiresIn: claims.exp - claims.iat } };
        },
      },
    ];
  },
});
