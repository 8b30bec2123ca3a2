import { runBusinessService } from '@toskamesh/shared';
import { attemptLimitsOf } from './attempt-limit.ts';
import { Attempts } from './attempts.ts';
import { callerAddressOf } from './caller-address.ts';
import { startCleaning } from './cleaning.ts';
import { PasswordHasher } from './password-hasher.ts';
import { addAuthRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';
import { TokenIssuer, tokenLifetimesOf } from './token-issuer.ts';
import { Users } from './users.ts';

await runBusinessService({
  name: 'auth-service',
  migrations: new URL('../../migrations/auth-service', import.meta.url),
  start: (app, { database, settings, log, jwtSecret, jwtParties }) => {
    const { accessSeconds, refreshDays } = tokenLifetimesOf(settings);
    addAuthRoutes(app, {
      users: new Users(database),
      sessions: new Sessions(database, refreshDays),
      attempts: new Attempts(database, attemptLimitsOf(settings)),
      hasher: new PasswordHasher(),
      issuer: new TokenIssuer(jwtSecret, jwtParties, accessSeconds),
      addressOf: callerAddressOf(settings),
    });
    return startCleaning(database, log);
  },
});
