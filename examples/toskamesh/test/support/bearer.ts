import { signToken } from '@toskamesh/shared';

/** The header of a user who has logged in, as a service with this `Jwt__Secret` expects it. */
export async function bearer(secret: string): Promise<{ readonly authorization: string }> {
  const parties = { issuer: 'ToskaMesh', audience: 'ToskaMesh' };
  const { token } = await signToken(secret, { ...parties, subject: 'ada', lifetimeSeconds: 300 });
  return { authorization: `Bearer ${token}` };
}
