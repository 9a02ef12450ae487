export * from './xsd/plan.ts';
export { parseXmlTree, resolveQName, sourceRefused, TREE_LIMITS, type XmlElement } from './xml/tree.ts';
export { XSD } from './xsd/builtins.ts';
export { nameTypes, reachableShapes, refusedShapes } from './xsd/closure.ts';
export { SchemaCompiler, type CompiledShapes } from './xsd/compiler.ts';
export { isBareValue, JsonSchemas } from './xsd/json-schema.ts';
export { LedgerBook } from './xsd/ledger-book.ts';
export type { ElementType } from './xsd/particle.ts';
export { Refusal } from './xsd/refusal.ts';
export { loadSchemas, type ReadDocument } from './xsd/schema-set.ts';
export type { Symbols } from './xsd/symbols.ts';
export { charsetOf } from './xml/encoding.ts';
export {
  compileDecoder,
  type Decoder,
  type DecodeOptions,
  type DecodeStream,
  type FrameShape,
  type WireElement,
  type WireShape,
} from './xsd/decode.ts';
export { EncodePlan, XmlOutput, type ElementSpec, type ElementWriter, type EncodeSettings } from './xsd/encode.ts';
export { inlineReferences } from './xsd/decode-references.ts';
export { openTranscoder, type Transcoder } from './xml/encoding.ts';
