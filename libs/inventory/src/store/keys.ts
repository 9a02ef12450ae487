import type { DataSource } from 'typeorm';
import { Failure } from '@bailey/contract';
import type { KeyRecord } from '@bailey/platform';
import { advanceEstate, lockEstate } from './apply.ts';
import { ApiKeys, type KeyEntity } from './entities.ts';
import type { IssuedKey, KeyStore } from './store.ts';

export const keyRecord = ({ id, hash, roles, scopes, consumer, disabled }: KeyEntity): KeyRecord => ({
  id,
  hash,
  roles,
  scopes,
  disabled,
  ...(consumer === null ? {} : { consumer }),
});

const issuedKey = (entity: KeyEntity): IssuedKey => ({
  ...keyRecord(entity),
  createdAt: entity.createdAt.toISOString(),
  createdBy: entity.createdBy,
});

const issueKey = (
  source: DataSource,
  { consumer = null as never, ...record }: KeyRecord,
  actor: string,
): Promise<IssuedKey> =>
  source.transaction(async (manager) => {
    const before = await lockEstate(manager);
    if (await manager.existsBy(ApiKeys, { id: record.id }))
      throw Failure.of('CONFLICT', `Issuing the key "${record.id}": there is one of that id.`);
    await manager.insert(ApiKeys, { ...record, consumer, createdBy: actor });
    await advanceEstate(manager, before);
    return issuedKey(await manager.findOneByOrFail(ApiKeys, { id: record.id }));
  });

const revokeKey = (source: DataSource, id: string): Promise<void> =>
  source.transaction(async (manager) => {
    const before = await lockEstate(manager);
    const { affected } = await manager.update(ApiKeys, { id }, { disabled: true });
    if (affected === 0) throw Failure.of('NOT_FOUND', `Revoking the key "${id}": there is none of that id.`);
    await advanceEstate(manager, before);
  });

export const createKeyStore = (source: DataSource): KeyStore => ({
  issue: (record, actor) => issueKey(source, record, actor),
  list: async () => (await source.manager.find(ApiKeys, { order: { id: 'asc' } })).map(issuedKey),
  revoke: (id) => revokeKey(source, id),
});
