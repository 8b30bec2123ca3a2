/** The parties of the tokens with which services identify themselves to each other. */
export const SERVICE_AUTH = { issuer: 'ToskaMesh.Services', audience: 'ToskaMesh.Services' } as const;
