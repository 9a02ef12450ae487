import {
  Failure,
  type AdapterHost,
  type Described,
  type OfflineJob,
  type OfflineTools,
  type Value,
} from '@bailey/contract';
import type { SoapConfig } from './config.ts';
import { describeWsdl } from './describe.ts';
import type { SoapOperation, SoapPlan } from './plan.ts';
import { ReplyReader } from './reply.ts';
import { RequestWriters, type RequestWriter } from './request.ts';

/** A WSDL of a batch, and what its jobs have needed of it so far. */
interface Source {
  described: Described<SoapPlan>;
  writers: RequestWriters;
  readers: Map<SoapOperation, ReplyReader>;
  requests: Map<SoapOperation, RequestWriter>;
}

/** By host, which lives as long as a batch: within one the files are taken not to change. */
const sources = new WeakMap<AdapterHost, Map<string, Promise<Source>>>();

const option = ({ options }: OfflineJob, name: string): string | undefined => {
  const value: Value | undefined = Object.hasOwn(options, name) ? options[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`/${name}`, 'must be a string');
};

const invalid = (pointer: string, message: string): Failure =>
  Failure.of('INVALID_INPUT', `Reading the job: ${pointer.slice(1)} ${message}.`, { errors: [{ pointer, message }] });

const configOf = (job: OfflineJob): SoapConfig => {
  const wsdl = option(job, 'wsdl');
  const service = option(job, 'service');
  const port = option(job, 'port');
  if (wsdl === undefined) throw invalid('/wsdl', 'is required');
  return { wsdl, ...(service !== undefined && { service }), ...(port !== undefined && { port }) };
};

const compile = async (config: SoapConfig, host: AdapterHost): Promise<Source> => {
  const described = await describeWsdl(config, host, { operations: {} });
  return { described, writers: new RequestWriters(described.plan), readers: new Map(), requests: new Map() };
};

const sourceOf = (job: OfflineJob, host: AdapterHost): Promise<Source> => {
  const config = configOf(job);
  const key = JSON.stringify([config.wsdl, config.service, config.port]);
  const known = sources.get(host) ?? new Map<string, Promise<Source>>();
  sources.set(host, known);
  const source = known.get(key) ?? compile(config, host);
  known.set(key, source);
  return source;
};

const operationOf = (job: OfflineJob, { described }: Source): SoapOperation => {
  const wanted = option(job, 'operation');
  const { operations } = described.plan;
  if (wanted === undefined && operations.length === 1) return operations[0]!;
  if (wanted === undefined) throw invalid('/operation', 'is required');
  const found = operations.find(({ native }) => native === wanted) ?? operations.find(({ name }) => name === wanted);
  if (found === undefined)
    throw Failure.of(
      'UNKNOWN_OPERATION',
      `The WSDL has no operation ${JSON.stringify(wanted.slice(0, 100))} on this port.`,
    );
  return found;
};

const made = <Key, Made>(map: Map<Key, Made>, key: Key, make: () => Made): Made => {
  const one = map.get(key) ?? make();
  map.set(key, one);
  return one;
};

const readerOf = ({ described, readers }: Source, operation: SoapOperation): ReplyReader =>
  made(readers, operation, () => {
    const faults = described.contract.operations.find(({ name }) => name === operation.name)?.faults ?? [];
    return new ReplyReader(described.plan, operation, faults, true);
  });

const parse = (data: Uint8Array): Value => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)) as Value;
  } catch (cause) {
    throw Failure.of('MALFORMED_JSON', 'Reading the input: it is not JSON in UTF-8.', { cause });
  }
};

/** The codecs without a line: a response file in, JSON out; JSON in, a request envelope out. */
export const soapOffline: OfflineTools = {
  connection: (source) => ({ wsdl: source }),
  decode: async (job, host) => {
    const source = await sourceOf(job, host);
    const operation = operationOf(job, source);
    const stream = readerOf(source, operation).open(undefined);
    stream.write(job.data);
    const json = stream.end();
    if (json === undefined && !operation.oneWay)
      throw Failure.of('PROTOCOL_ERROR', 'Decoding the answer: it is empty.');
    return json ?? Buffer.from('{}');
  },
  encode: async (job, host) => {
    const source = await sourceOf(job, host);
    const operation = operationOf(job, source);
    const write = made(source.requests, operation, () => source.writers.of(operation));
    return Buffer.from(write(parse(job.data), ''), 'utf8');
  },
};
