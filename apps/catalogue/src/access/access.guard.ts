import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Failure } from '@bailey/contract';
import { principalOf } from './admission.ts';
import { ALLOWED_ROLES, OPEN_PATHS, type Role } from './roles.ts';

/** Denies by default: a route that names no roles is open to nobody, unless it is one of the open paths. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector;

  constructor(@Inject(Reflector) reflector: Reflector) {
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    // Resolvers run within a request that was let in as a whole.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return true;
    this.#requireRole(request, this.#allowed(context));
    return true;
  }

  #allowed(context: ExecutionContext): readonly Role[] {
    return this.#reflector.getAllAndOverride<Role[]>(ALLOWED_ROLES, [context.getHandler(), context.getClass()]) ?? [];
  }

  #requireRole(request: FastifyRequest, allowed: readonly Role[]): void {
    const roles = principalOf(request)?.roles ?? [];
    if (allowed.some((role) => roles.includes(role))) return;
    throw Failure.of('FORBIDDEN', `Checking roles: this needs one of ${allowed.join(', ')}.`);
  }
}
