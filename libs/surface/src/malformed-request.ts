import { Failure } from '@bailey/contract';
import { toProblem } from './problem.ts';

const failureOf = (code: string | undefined): Failure =>
  code === 'HPE_HEADER_OVERFLOW'
    ? Failure.of('BODY_TOO_LARGE', 'Reading the request: its headers are larger than is accepted here.')
    : Failure.of('INVALID_INPUT', 'Reading the request: it is not well-formed HTTP.');

/**
 * The whole HTTP/1.1 answer to bytes that are no request: there is nobody to route it, and the connection ends with it,
 * because what follows on it cannot be told apart (RFC 9112 section 11.2).
 */
export const malformedRequestAnswer = (code: string | undefined): string => {
  const { status, headers, body } = toProblem(failureOf(code), {});
  const text = JSON.stringify(body);
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${status === 413 ? 'Content Too Large' : 'Bad Request'}\r\n${head}\r\n${text}`;
};
