import { Failure, type DeclaredFault, type Value } from '@bailey/contract';
import type { SoapOperation } from './plan.ts';

/** What `$fault` decodes to, of either version of SOAP. */
interface DecodedFault {
  code?: Value;
  reason?: Value;
  detail?: { [index: string]: Value };
}

interface FaultText {
  code: string;
  reason: string;
}

const asText = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

const asObject = (value: Value | undefined): { [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** A subcode says more than the code around it; a prefix says nothing to a caller. */
const localName = (code: string): string => code.slice(code.lastIndexOf(':') + 1);

const textOf = ({ code, reason }: DecodedFault): FaultText => {
  if (typeof code === 'string' || code === undefined) return { code: localName(asText(code)), reason: asText(reason) };
  const specific = asText(asObject(asObject(code)['subcode'])['value']);
  const texts = asObject(reason)['text'];
  return {
    code: localName(specific === '' ? asText(asObject(code)['value']) : specific),
    reason: Array.isArray(texts) ? asText(texts[0]) : '',
  };
};

const MAX_REASON = 200;
const URLS = /\b[a-z][a-z0-9+.-]*:\/\/\S+|\b(?:jdbc|ldap):\S+/gi;
const ADDRESSES = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g;
const STACK = /\s+at [\w.$<>]+\(.*$|\b(?:select|insert|update|delete)\s.+$/is;

/** One line for people: no stack, no SQL, no address of the inside. */
export const safeReason = (reason: string): string =>
  reason.replace(STACK, '').replace(URLS, '…').replace(ADDRESSES, '…').replace(/\s+/g, ' ').trim().slice(0, MAX_REASON);

/** Fault codes of WS-Security 1.1 section 12: it is our credentials that were refused. */
const CREDENTIALS =
  /^(?:FailedAuthentication|InvalidSecurity|InvalidSecurityToken|SecurityTokenUnavailable|FailedCheck|UnsupportedSecurityToken|MessageExpired)$/;

const CLIENT = /^(?:Client|Sender)(?:$|\.)/;

/** The fault of an operation as the failure that its contract promises, or as one that it does not declare. */
export const faultFailure = (
  fault: DecodedFault,
  operation: SoapOperation,
  declared: readonly DeclaredFault[],
): Failure => {
  const { code, reason } = textOf(fault);
  const safe = safeReason(reason);
  const found = Object.entries(fault.detail ?? {}).find(([index]) => operation.faults[Number(index)] !== undefined);
  if (found !== undefined) {
    const { code: name } = operation.faults[Number(found[0])]!;
    const row = declared.find((one) => one.code === name);
    if (row !== undefined)
      return Failure.declared(
        row,
        safe === '' ? `${operation.native} answered with the fault ${row.native}.` : safe,
        found[1],
      );
  }
  if (CREDENTIALS.test(code))
    return Failure.of(
      'CREDENTIALS_REFUSED',
      `Calling ${operation.native}: the system refused our credentials (${code}).`,
      { phase: 'after', outcome: 'notDone' },
    );
  return Failure.of(
    'LEGACY_FAULT',
    `Calling ${operation.native}: the system answered with the fault ${code || 'without a code'}, which its contract does not declare.`,
    {
      phase: 'after',
      outcome: CLIENT.test(code) ? 'notDone' : 'unknown',
      fault: { name: code, detail: safe },
    },
  );
};
