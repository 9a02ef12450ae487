import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Failure, type AdapterHost, type Value } from '@bailey/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWsdl } from './describe.ts';
import { Instances } from './instances.test-data.ts';
import { ReplyReader } from './reply.ts';
import { RequestWriters, type RequestWriter } from './request.ts';
import { schemaText } from './schemas.test-data.ts';

const SCHEMAS = 60;
const INSTANCES = 12;
const SEED = Number(process.env['BAILEY_SEED'] ?? 20_260_101);

/** The answer is the element of the request, so that what was encoded can be decoded. */
const wsdlOf = (
  schema: string,
): string => `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t">
<types>${schema}</types><message name="M"><part name="p" element="t:Root"/></message>
<portType name="P"><operation name="Echo"><input message="t:M"/><output message="t:M"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Echo"><s:operation soapAction=""/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><s:address location="http://127.0.0.1/"/></port></service></definitions>`;

const silent = () => undefined;
const hostOf = (wsdl: string): AdapterHost => ({
  fetch: () => Promise.reject(new Error('the network was used')),
  readFile: () => Promise.resolve(Buffer.from(wsdl)),
  log: { debug: silent, info: silent, warn: silent, error: silent },
  clock: { now: Date.now, monotonic: () => performance.now(), setTimeout: () => ({ cancel: silent }) },
  signal: new AbortController().signal,
});

interface Sample {
  schema: string;
  value: Value;
  xml: string;
  decoded: Value;
}

const hasJava = spawnSync('java', ['-version']).status === 0;
if (!hasJava) process.stdout.write('oracle: there is no `java` on the PATH, so the JDK does not judge our requests.\n');

let folder = '';
const samples = new Map<string, Sample>();

const encode = (write: RequestWriter, value: Value, schema: string): string => {
  try {
    return write(value, '');
  } catch (error) {
    const errors = error instanceof Failure ? error.options.errors : error;
    throw new Error(`${JSON.stringify(errors)}\n${JSON.stringify(value)}\n${schema}`, { cause: error });
  }
};

const addSamples = async (schema: string, number: number): Promise<void> => {
  const wsdl = wsdlOf(schema);
  const { plan } = await describeWsdl({ wsdl: `echo-${number}.wsdl` }, hostOf(wsdl), { operations: {} });
  const operation = plan.operations[0]!;
  const write = new RequestWriters(plan).of(operation);
  const reader = new ReplyReader(plan, operation, [], false);
  await writeFile(join(folder, `${number}.xsd`), schema);
  const values = fc.sample(new Instances(plan.shapes).message(operation.input), {
    seed: SEED + number,
    numRuns: INSTANCES,
  });
  for (const [index, value] of values.entries()) {
    const xml = encode(write, value, schema);
    const stream = reader.open(undefined);
    stream.write(Buffer.from(xml));
    const name = `${number}-${index}.xml`;
    await writeFile(join(folder, name), xml);
    samples.set(name, { schema, value, xml, decoded: JSON.parse(Buffer.from(stream.end()!).toString()) as Value });
  }
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-oracle-'));
  const schemas = fc.sample(schemaText, { seed: SEED, numRuns: SCHEMAS });
  for (const [number, schema] of schemas.entries()) await addSamples(schema, number);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe(`generated schemas and instances (BAILEY_SEED=${SEED})`, () => {
  it('decode(encode(x)) is x', () => {
    expect(samples.size).toBe(SCHEMAS * INSTANCES);
    for (const { schema, value, xml, decoded } of samples.values()) expect(decoded, `${schema}\n${xml}`).toEqual(value);
  });

  it.runIf(hasJava || process.env['BAILEY_CI'] === '1')(
    'the JDK accepts every request we emit',
    async () => {
      const source = join(dirname(fileURLToPath(import.meta.url)), 'Validate.java');
      const { stdout } = await promisify(execFile)('java', [source, folder], { maxBuffer: 1 << 26 });
      const lines = stdout.trim().split('\n');
      expect(lines.pop()).toBe(`validated ${samples.size}`);
      const named = lines.map((line) => `${line}\n${samples.get(line.split(':')[0]!)?.xml}`);
      expect(named.slice(0, 3)).toEqual([]);
    },
    120_000,
  );
});
