import { Failure, type Call } from '@bailey/contract';
import { outcomeOf } from './abandonment.ts';
import type { Stage } from './pipeline.ts';

export interface AccessRules {
  /** All of them are needed. */
  requiredScopes: readonly string[];
  /** Lets everybody at operations for which no scope is declared; else those are closed to all. */
  openAccess: boolean;
}

const unauthenticated = (call: Call): Failure =>
  Failure.of(
    'UNAUTHENTICATED',
    `Calling ${call.operation.name} needs a key or token; send Authorization: Bearer …`,
    outcomeOf(call.operation.effect, 'before'),
  );

const forbidden = (call: Call, requiredScopes: readonly string[]): Failure => {
  const { name } = call.operation;
  const detail =
    requiredScopes.length === 0
      ? `Nobody may call ${name}: its bridge declares no scopes; declare access.scopes.`
      : `Calling ${name} needs ${requiredScopes.length === 1 ? 'the scope' : 'the scopes'} ${requiredScopes.join(', ')}; ask the owner of the bridge.`;
  return Failure.of('FORBIDDEN', detail, outcomeOf(call.operation.effect, 'before'));
};

/** Before anything looks at the input: who may not call learns nothing of what would be valid. */
export const access =
  ({ requiredScopes, openAccess }: AccessRules): Stage =>
  (next) => {
    if (requiredScopes.length === 0 && openAccess) return next;
    const isEntitled = (call: Call) =>
      requiredScopes.length > 0 && requiredScopes.every((scope) => call.caller.scopes.has(scope));
    return (call) => {
      if (!call.caller.authenticated) throw unauthenticated(call);
      if (!isEntitled(call)) throw forbidden(call, requiredScopes);
      return next(call);
    };
  };
