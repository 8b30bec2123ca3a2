import { createMember } from './cluster.ts';
import type { Membership } from './membership.ts';
import type { Silo } from './silo.ts';

/** A silo alone in its cluster, which it therefore leads. */
export function memoryMembership(silo: Silo): Membership {
  const member = createMember(silo, '127.0.0.1', new Date());
  return {
    kind: 'memory',
    dependencies: [],
    status: () => ({ members: [member], self: member.id, leader: member.id, asOf: new Date() }),
    start: (onJoined) => onJoined(),
    leave: () => Promise.resolve(),
  };
}
