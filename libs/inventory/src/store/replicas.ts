import type { DataSource } from 'typeorm';
import { Replicas } from './entities.ts';
import type { ReplicaReport, ReplicaStatus } from './store.ts';

// By the clock of the database: replicas need not agree on the time.
const ALIVE = `replica.seen_at > clock_timestamp() - interval '15 seconds'`;
const LONG_GONE = `delete from runtime.replica where seen_at < clock_timestamp() - interval '1 day'`;

export const reportReplica = async (
  source: DataSource,
  { replica, generation, problems }: ReplicaReport,
): Promise<void> => {
  const row = { replica, generation, problems, seenAt: () => 'clock_timestamp()' };
  await source.manager.upsert(Replicas, row, ['replica']);
  await source.query(LONG_GONE);
};

export const listReplicas = async (source: DataSource): Promise<ReplicaStatus[]> => {
  const rows = await source.createQueryBuilder(Replicas, 'replica').where(ALIVE).orderBy('replica.replica').getMany();
  return rows.map(({ seenAt, ...report }) => ({ ...report, seenAt: seenAt.toISOString() }));
};
