import type { ScalarKind } from '@bailey/contract';
import type { Facets } from './plan.ts';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MAX_INT32 = 2n ** 31n - 1n;

const toBigInt = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[+-]?\d{1,40}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;

const shifted = (value: bigint | undefined, by: bigint): bigint | undefined =>
  value === undefined ? undefined : value + by;

const smallest = (...values: (bigint | undefined)[]): bigint | undefined =>
  values.reduce(
    (least, value) => (value === undefined || (least !== undefined && least < value) ? least : value),
    undefined,
  );

const negated = (value: bigint | undefined): bigint | undefined => (value === undefined ? undefined : -value);

/** The values that integer facets allow, both ends included; an end is undefined where there is no bound. */
export const integerRange = (facets: Facets): { min: bigint | undefined; max: bigint | undefined } => {
  const digits =
    facets.totalDigits === undefined || facets.totalDigits > 40 ? undefined : 10n ** BigInt(facets.totalDigits) - 1n;
  const least = [toBigInt(facets.minInclusive), shifted(toBigInt(facets.minExclusive), 1n), negated(digits)].map(
    negated,
  );
  return {
    min: negated(smallest(...least)),
    max: smallest(toBigInt(facets.maxInclusive), shifted(toBigInt(facets.maxExclusive), -1n), digits),
  };
};

/** Integers whose facets keep them within ±(2^53 - 1) are numbers; the base's own kind is never widened. */
export const integerScalar = (base: ScalarKind, facets: Facets): ScalarKind => {
  const { min, max } = integerRange(facets);
  if (base === 'int32' || min === undefined || max === undefined) return base;
  if (min >= -MAX_INT32 - 1n && max <= MAX_INT32) return 'int32';
  return min >= -MAX_SAFE && max <= MAX_SAFE ? 'int53' : base;
};
