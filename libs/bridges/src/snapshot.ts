import { buildSchema, openApiIndex, type GraphqlCall } from '@bailey/surface';
import type { KeyRecord } from '@bailey/platform';
import type { ConsumerIndex } from './consumers.ts';
import type { LiveBridge, Snapshot } from './live.ts';

export interface SnapshotParts {
  generation: number;
  bridges: ReadonlyMap<string, LiveBridge>;
  consumers: ConsumerIndex;
  keys: readonly KeyRecord[];
}

type Schema = ReturnType<typeof buildSchema>;

/** Puts the parts together. Whole-estate faces are built when first asked for: most snapshots are never asked. */
export const createSnapshot = (
  { generation, bridges, consumers, keys }: SnapshotParts,
  call: GraphqlCall,
): Snapshot => {
  const perBridge = new Map<string, Schema>();
  let whole: Schema | undefined;
  let index: string | undefined;
  const all = (): LiveBridge[] => [...bridges.values()];

  return {
    generation,
    bridges,
    keys: [...keys, ...consumers.keys],
    consumerOf: consumers.consumerOf,
    schema: () =>
      (whole ??= buildSchema(
        all().map((bridge) => bridge.typeMap()),
        call,
      )),
    bridgeSchema(name) {
      const bridge = bridges.get(name);
      if (!bridge) return undefined;
      const schema = perBridge.get(name) ?? buildSchema([bridge.typeMap()], call);
      perBridge.set(name, schema);
      return schema;
    },
    openApi: () => (index ??= JSON.stringify(openApiIndex(all().map(({ face }) => face)))),
  };
};
