import { Failure, type PointerError } from '@bailey/contract';

/** An RFC 9457 document, as the gateway sends it and as the codecs print it. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: PointerError[];
  [member: string]: unknown;
}

/** A refusal that came over HTTP. */
export class RemoteProblem extends Error {
  override readonly name = 'RemoteProblem';
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Anything thrown as the gateway would answer it; there is no trace and no system offline. */
export const problemOf = (error: unknown): ProblemDocument => {
  if (error instanceof RemoteProblem) return error.problem;
  const { code, title, status, message, retry, options } = Failure.from(error);
  const { outcome, fault, errors, more } = options;
  return {
    ...more,
    type: `urn:bailey:error:${code}`,
    title,
    status,
    detail: message,
    code,
    retry,
    ...(outcome && { outcome }),
    ...(fault && { fault }),
    ...(errors && { errors }),
  };
};

const placeText = ({ file, line }: Record<string, unknown>): string =>
  typeof file === 'string' ? `${file}:${typeof line === 'number' ? line : 1}: ` : '';

const errorLine = (error: PointerError): string =>
  `${placeText(error)}${error.pointer === '' ? '' : `${error.pointer} `}${error.message}`;

/** Lines for people: one a place where places are known (`file:line: message`), else the detail. */
export const problemText = (problem: ProblemDocument): string => {
  const { errors = [] } = problem;
  const isLocated = errors.length > 0 && errors.every(({ file }) => typeof file === 'string');
  const summary = isLocated ? [] : [`${placeText(problem)}${problem.detail}`];
  const lines = [...summary, ...errors.map((error) => (isLocated ? errorLine(error) : `  ${errorLine(error)}`))];
  return `${lines.join('\n')}\n`;
};
