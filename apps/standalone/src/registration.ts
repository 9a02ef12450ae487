import { applyRequest, readResourceFiles, validateResources } from '@bailey/bridges';
import type { Adapter, Clock, Log } from '@bailey/contract';
import type { Tracing } from '@bailey/platform';

export interface RegistrationDeps {
  adapters: readonly Adapter[];
  env: NodeJS.ProcessEnv;
  tracing: Tracing;
  log: Log;
  clock: Clock;
}

interface Problem {
  detail?: string;
  errors?: { file?: string; line?: number; message: string }[];
}

const inWords = (problem: Problem): string =>
  [
    problem.detail,
    ...(problem.errors ?? []).map(({ file, line, message }) => `  ${file ?? ''}:${line ?? ''}: ${message}`),
  ]
    .filter((line) => line !== undefined)
    .join('\n');

/** Registers through the control plane, as any engineer would: nothing is known here that they could not do. */
export class Registration {
  readonly #controlUrl: string;
  readonly #key: string;

  constructor(controlUrl: string, key: string) {
    this.#controlUrl = controlUrl;
    this.#key = key;
  }

  async apply(path: string, deps: RegistrationDeps): Promise<void> {
    const { resources } = await readResourceFiles(path);
    validateResources(resources, deps.adapters);
    await this.#send('POST', '/control/v1/apply', await applyRequest(resources, deps));
  }

  /** Removes what `bailey.yaml` of the sample estate registered, if it is there and still the sample's. */
  async removeEstate(): Promise<void> {
    const bridges = (await this.#send('GET', '/control/v1/bridges')) as {
      items: { name: string; labels?: Record<string, string> }[];
    };
    const samples = bridges.items.filter(({ labels }) => labels?.['estate'] === 'sample').map(({ name }) => name);
    for (const name of samples) await this.#send('DELETE', `/control/v1/bridges/${name}`);
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#controlUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new Error(inWords(answer as Problem));
    return answer;
  }
}
