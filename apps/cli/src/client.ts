import { Failure } from '@bailey/contract';
import { RemoteProblem, type ProblemDocument } from './problem.ts';
import { NothingRuns, type Target } from './target.ts';

export interface Exchange {
  method: 'GET' | 'POST' | 'DELETE';
  /** Percent-encoded, from the root of the plane. */
  path: string;
  body?: unknown;
}

/** The body as it came; `text` is empty for 204. */
export interface Answer {
  text: string;
  isJson: boolean;
}

const headersOf = ({ token }: Target, body: string | undefined): Record<string, string> => ({
  accept: 'application/json, application/x-ndjson;q=0.9, application/problem+json',
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
});

const send = async (target: Target, { method, path }: Exchange, body: string | undefined): Promise<Response> => {
  const init = { method, headers: headersOf(target, body), ...(body !== undefined && { body }) };
  try {
    return await fetch(target.url + path, init);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new NothingRuns(
      `Nothing answers at ${target.url} (${code ?? (error as Error).message}), as ${target.origin} says`,
    );
  }
};

const problemIn = (text: string, { status, statusText }: Response): Error => {
  try {
    const problem = JSON.parse(text) as ProblemDocument;
    if (typeof problem.code === 'string' && typeof problem.detail === 'string') return new RemoteProblem(problem);
  } catch {
    // A proxy's page, most likely: its status says more than its markup.
  }
  return Failure.of(
    'PROTOCOL_ERROR',
    `Asking the gateway: it answered ${status} ${statusText} without a problem document.`,
  );
};

/** Throws {@link RemoteProblem} for a refusal, {@link NothingRuns} when there is nobody to refuse. */
export const exchange = async (target: Target, request: Exchange): Promise<Answer> => {
  const body =
    typeof request.body === 'string' || request.body === undefined ? request.body : JSON.stringify(request.body);
  const response = await send(target, request, body);
  const text = await response.text();
  if (!response.ok) throw problemIn(text, response);
  return { text, isJson: /^application\/json\b/.test(response.headers.get('content-type') ?? '') };
};

/** The JSON of an answer. A foreign server on the port gives a Failure, not a crash. */
export const exchangeJson = async <Body>(target: Target, request: Exchange): Promise<Body> => {
  const { text } = await exchange(target, request);
  try {
    return JSON.parse(text) as Body;
  } catch (cause) {
    throw Failure.of('PROTOCOL_ERROR', 'Asking the gateway: its answer is not JSON.', { cause });
  }
};
