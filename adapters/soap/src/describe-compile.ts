import {
  JsonSchemas,
  LedgerBook,
  loadSchemas,
  nameTypes,
  reachableShapes,
  refusedShapes,
  SchemaCompiler,
  type CompiledShapes,
  type Refusal,
  type ShapeRef,
} from '@bailey/codec';
import type { Described } from '@bailey/contract';
import type { SoapConfig } from './config.ts';
import { contractOf } from './describe-contract.ts';
import type { SoapBody, SoapHeader, SoapMessage, SoapOperation, SoapPlan } from './plan.ts';
import { readWsdl } from './wsdl-document.ts';
import { Messages } from './wsdl-message.ts';
import { Operations, refuseFault, refuseOperation, type OperationDraft } from './wsdl-operation.ts';
import { choosePort } from './wsdl-port.ts';
import type { WsdlSources } from './wsdl-sources.ts';
import { reportExtensions } from './wsdl-extensions.ts';

type Mapping = (ref: ShapeRef) => ShapeRef;

const bodyTypes = (body: SoapBody): ShapeRef[] => {
  if (body.kind === 'empty') return [];
  return body.kind === 'elements' || body.kind === 'rpc' ? body.parts.map(({ type }) => type) : [body.type];
};

const messageTypes = ({ body, headers }: SoapMessage): ShapeRef[] => [
  ...bodyTypes(body),
  ...headers.map(({ type }) => type),
];

const typesOf = ({ input, output, faults }: SoapOperation): ShapeRef[] => [
  ...messageTypes(input),
  ...(output === undefined ? [] : messageTypes(output)),
  ...faults.map(({ type }) => type),
];

const mappedBody = (body: SoapBody, to: Mapping): SoapBody => {
  if (body.kind === 'empty') return body;
  if (body.kind === 'elements') return { ...body, parts: body.parts.map((part) => ({ ...part, type: to(part.type) })) };
  if (body.kind === 'rpc') return { ...body, parts: body.parts.map((part) => ({ ...part, type: to(part.type) })) };
  return { ...body, type: to(body.type) };
};

const mappedMessage = ({ body, headers }: SoapMessage, to: Mapping): SoapMessage => ({
  body: mappedBody(body, to),
  headers: headers.map((header): SoapHeader => ({ ...header, type: to(header.type) })),
});

const mappedOperation = ({ node: _, description: __, ...operation }: OperationDraft, to: Mapping): SoapOperation => ({
  ...operation,
  input: mappedMessage(operation.input, to),
  ...(operation.output && { output: mappedMessage(operation.output, to) }),
  faults: operation.faults.map((fault) => ({ ...fault, type: to(fault.type) })),
});

/** Strikes operations, and faults of operations, whose types turned out to be unusable. */
const usable = (
  drafts: OperationDraft[],
  refused: ReadonlyMap<ShapeRef, Refusal>,
  ledger: LedgerBook,
): OperationDraft[] =>
  drafts.flatMap((draft) => {
    const faults = draft.faults.filter(({ native, type }) => {
      const refusal = refused.get(type);
      if (refusal !== undefined) refuseFault(ledger, native, draft.node, refusal);
      return refusal === undefined;
    });
    const types = [...messageTypes(draft.input), ...(draft.output === undefined ? [] : messageTypes(draft.output))];
    const refusal = types.map((type) => refused.get(type)).find((found) => found !== undefined);
    if (refusal === undefined) return [{ ...draft, faults }];
    refuseOperation(ledger, draft.native, draft.node, refusal);
    return [];
  });

/** Compiles a WSDL and its closure, before the resource file's settings: shared by all bridges of the same source. */
export const compileWsdl = async (sources: WsdlSources, config: SoapConfig): Promise<Described<SoapPlan>> => {
  const ledger = new LedgerBook();
  const documents = await readWsdl(sources, ledger);
  const symbols = await loadSchemas(documents.schemas, (location, from) => sources.follow(location, from), ledger);
  const port = choosePort(documents, config, ledger);
  const compiler = new SchemaCompiler(symbols, ledger);
  const drafts =
    port === undefined ? [] : new Operations(documents, new Messages(documents, compiler, ledger), ledger).ofPort(port);
  reportExtensions(documents, ledger);
  const compiled: CompiledShapes = compiler.finish();
  const kept = usable(drafts, refusedShapes(compiled, ledger), ledger);
  for (const { native, node } of kept) ledger.supported('wsdl:operation', native, node);
  const { shapes, to } = reachableShapes(compiled, kept.flatMap(typesOf));
  const scope = nameTypes(shapes, ledger, documents.root);
  const plan: SoapPlan = {
    service: port?.service ?? '',
    port: port?.port ?? '',
    endpoint: port?.endpoint ?? '',
    soapVersion: port?.soapVersion ?? '1.1',
    operations: kept.map((draft) => mappedOperation(draft, to)),
    shapes,
  };
  const descriptions = new Map(kept.map(({ name, description }) => [name, description]));
  const contract = contractOf(plan, new JsonSchemas(shapes, compiled.documentation, scope), descriptions);
  return { contract, plan, ledger: ledger.entries(), sourceHash: sources.hash() };
};
