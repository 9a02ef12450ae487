export type { BehaviourName } from './behaviours.ts';
export type { Card, Emulator, HostOptions, NativeFailure, OpenHost, Sample, Waiver } from './card.ts';
export { conformance } from './conformance.ts';
export { startFaultProxy } from './fault-proxy.ts';
export type { FaultMode, FaultProxy } from './fault-proxy.ts';
export { chosenSeed, seededRandom } from './random.ts';
