import {
  Failure,
  type AdapterHost,
  type DescribeOptions,
  type Described,
  type Operation,
  type OperationSettings,
} from '@bailey/contract';
import type { SoapConfig } from './config.ts';
import { compileWsdl } from './describe-compile.ts';
import type { SoapPlan } from './plan.ts';
import { WsdlSources } from './wsdl-sources.ts';

/** A compiled source with the digests of all files it came from: it holds as long as every one is the same. */
interface Compiled {
  key: string;
  digests: ReadonlyMap<string, string>;
  described: Described<SoapPlan>;
}

// Models are large and rarely differ: this many sources at once is more than one registration touches.
const MAX_COMPILED = 16;

/** Newest last. Bridges of one WSDL share one model, in memory too. */
const compiledSources: Compiled[] = [];

const holds = async ({ digests }: Compiled, sources: WsdlSources): Promise<boolean> => {
  try {
    for (const [file, digest] of digests) if ((await sources.digest(file)) !== digest) return false;
    return true;
  } catch {
    // A file that is gone now changes the outcome; compiling will say how.
    return false;
  }
};

const compiled = async (config: SoapConfig, host: AdapterHost): Promise<Described<SoapPlan>> => {
  const sources = await WsdlSources.open(config, host);
  const key = JSON.stringify([sources.entry, await sources.digest(sources.entry), config.service, config.port]);
  for (const known of compiledSources.filter((one) => one.key === key)) {
    if (await holds(known, sources)) return known.described;
  }
  const described = await compileWsdl(sources, config);
  if (!sources.isComplete) return described;
  compiledSources.push({ key, digests: sources.digests(), described });
  if (compiledSources.length > MAX_COMPILED) compiledSources.shift();
  return described;
};

const LEGAL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const invalid = (native: string, message: string): Failure =>
  Failure.of('INVALID_RESOURCE', `Describing operation ${native}: ${message}`, {
    errors: [{ pointer: `/spec/operations/${native.replaceAll('~', '~0').replaceAll('/', '~1')}`, message }],
  });

const checkSettings = (described: Described<SoapPlan>, settings: Record<string, OperationSettings>): void => {
  for (const [native, setting] of Object.entries(settings)) {
    const operation = described.contract.operations.find((one) => one.native === native);
    if (operation === undefined) {
      const refusal = described.ledger.find(
        (entry) => entry.construct === 'wsdl:operation' && entry.name === native && entry.status === 'refused',
      );
      throw invalid(
        native,
        refusal === undefined ? 'the WSDL has no such operation.' : `it is refused. ${refusal.note ?? ''}`,
      );
    }
    if (setting.name !== undefined && !LEGAL_NAME.test(setting.name))
      throw invalid(native, `the name "${setting.name}" is not of letters, digits and _.`);
    for (const fault of Object.keys(setting.faults ?? {})) {
      if (!operation.faults.some((one) => one.native === fault))
        throw invalid(native, `it declares no fault ${fault}.`);
    }
  }
};

const withSetting = (operation: Operation, name: string, setting: OperationSettings): Operation => ({
  ...operation,
  name,
  effect: setting.effect ?? operation.effect,
  faults: operation.faults.map((fault) => ({
    ...fault,
    status: setting.faults?.[fault.native]?.status ?? fault.status,
  })),
});

/** The API names by position: the first operation of a native name takes the name that its setting gives. */
const namesWith = ({ contract }: Described<SoapPlan>, settings: Map<string, OperationSettings>): string[] => {
  const named = new Set<string>();
  const taken = new Set<string>();
  return contract.operations.map(({ native, name }) => {
    const wanted = named.has(native) ? undefined : settings.get(native)?.name;
    named.add(native);
    const chosen = wanted ?? name;
    if (taken.has(chosen)) throw invalid(native, `the name ${chosen} is given to two operations.`);
    taken.add(chosen);
    return chosen;
  });
};

/** Applies the resource file on copies: the compiled model is shared. */
const settled = (described: Described<SoapPlan>, { operations: written }: DescribeOptions): Described<SoapPlan> => {
  if (Object.keys(written).length === 0) return described;
  checkSettings(described, written);
  const settings = new Map(Object.entries(written));
  const names = namesWith(described, settings);
  const { contract, plan } = described;
  return {
    ...described,
    contract: {
      ...contract,
      operations: contract.operations.map((operation, index) =>
        withSetting(operation, names[index]!, settings.get(operation.native) ?? {}),
      ),
    },
    plan: { ...plan, operations: plan.operations.map((operation, index) => ({ ...operation, name: names[index]! })) },
  };
};

/**
 * Reads a WSDL with all that it imports and compiles it: contract, wire plan and ledger. One source is compiled once.
 * @throws Failure `SOURCE_REFUSED` with file, line and construct; `INVALID_RESOURCE` when `options` names what is not there.
 */
export const describeWsdl = async (
  config: SoapConfig,
  host: AdapterHost,
  options: DescribeOptions,
): Promise<Described<SoapPlan>> => settled(await compiled(config, host), options);
