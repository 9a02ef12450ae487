import { Failure, type Caller } from '@bailey/contract';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './caller.ts';
import type { DataPlane } from './deps.ts';

/** Who may see what is served here: everyone where access is open, else whoever is known. */
export const mayLookAround = ({ settings }: DataPlane, caller: Caller): boolean =>
  settings.openAccess || caller.authenticated;

/** Throws UNAUTHENTICATED for callers who may not. */
export const requireLookAround = async (plane: DataPlane, request: FastifyRequest): Promise<void> => {
  const caller = await callerOf(plane.identity, plane.keeper.current(), request.headers);
  if (!mayLookAround(plane, caller))
    throw Failure.of('UNAUTHENTICATED', 'Listing what is served: send Authorization: Bearer <key or token>.');
};
