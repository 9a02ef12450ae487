/** What a `traceparent` header says (W3C Trace Context, section 3.2). */
export interface TraceParent {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
// Printable ASCII; section 3.3.1.3 lets a vendor drop what is longer than 512 characters.
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** Undefined where the standard says to start a new trace: version ff, all-zero ids, or a wrong shape. */
export const parseTraceparent = (text: string | undefined): TraceParent | undefined => {
  const parts = text === undefined ? null : SHAPE.exec(text);
  if (parts === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = parts;
  if (version === 'ff' || traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

export const formatTraceparent = (traceId: string, spanId: string, sampled: boolean): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** The text as it came, or undefined when it may not be sent on. */
export const acceptTracestate = (text: string | undefined): string | undefined =>
  text !== undefined && TRACESTATE.test(text) ? text : undefined;
