import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { TraceParent } from './trace-context.ts';

/** Whether a span of this trace is recorded. */
export type Sample = (traceId: string, parent: TraceParent | undefined) => boolean;

const byTraceId =
  (sampler: Sampler): Sample =>
  (traceId) =>
    sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision ===
    SamplingDecision.RECORD_AND_SAMPLED;

const parentBased =
  (root: Sample): Sample =>
  (traceId, parent) =>
    parent?.sampled ?? root(traceId, undefined);

const ratioOf = (argument: string | undefined, warn: (message: string) => void): number => {
  const ratio = argument === undefined || argument.trim() === '' ? 1 : Number(argument);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warn(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "${argument}"; every trace is sampled.`);
  return 1;
};

/** The sampler that OTEL_TRACES_SAMPLER and its _ARG name; `parentbased_always_on` when they name none. */
export const samplerFrom = (env: NodeJS.ProcessEnv, warn: (message: string) => void): Sample => {
  const name = env.OTEL_TRACES_SAMPLER?.trim() || 'parentbased_always_on';
  const [root, isParentBased] = name.startsWith('parentbased_') ? [name.slice(12), true] : [name, false];
  const decide = (sampler: Sampler) => (isParentBased ? parentBased(byTraceId(sampler)) : byTraceId(sampler));
  if (root === 'always_on') return decide(new AlwaysOnSampler());
  if (root === 'always_off') return decide(new AlwaysOffSampler());
  if (root === 'traceidratio') return decide(new TraceIdRatioBasedSampler(ratioOf(env.OTEL_TRACES_SAMPLER_ARG, warn)));
  warn(`OTEL_TRACES_SAMPLER "${name}" is not known; parentbased_always_on is used.`);
  return parentBased(byTraceId(new AlwaysOnSampler()));
};
