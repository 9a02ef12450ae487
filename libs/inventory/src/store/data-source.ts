import { DataSource } from 'typeorm';
import { Failure, type Log } from '@bailey/contract';
import { ENTITIES } from './entities.ts';
import { MIGRATIONS } from './migrations.ts';

// Any number will do, as long as every starter takes the same.
const MIGRATION_LOCK = 8_244_401;

const createDataSource = (url: string, log: Log): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    schema: 'control',
    applicationName: 'bailey',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    installExtensions: false,
    poolSize: 10,
    connectTimeoutMS: 5_000,
    logging: false,
    poolErrorHandler: (error: Error) => log.warn({ reason: error.message }, 'An idle connection to the store broke'),
    extra: {
      // The server ends what is slow; the client's own limit is for a server that went silent.
      statement_timeout: 15_000,
      query_timeout: 20_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
    },
  });

/** Two starters at once: the second waits here, and finds the work done. */
const migrate = async (source: DataSource): Promise<void> => {
  const runner = source.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    // On a connection of its own, committed at once: the migrations below run on another one.
    await source.query('create schema if not exists control');
    await source.runMigrations({ transaction: 'each' });
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
};

/** Connects and brings the tables up to date. Throws `STORE_DOWN`. */
export const openDataSource = async (url: string, log: Log): Promise<DataSource> => {
  const source = createDataSource(url, log);
  try {
    await source.initialize();
    await migrate(source);
    return source;
  } catch (error) {
    if (source.isInitialized) await source.destroy().catch(() => undefined);
    throw toStoreFailure(error, 'opening the store');
  }
};

// Connection exceptions, resources, operator intervention (shutdown, statement timeout): the classes of SQLSTATE
// in PostgreSQL's appendix A that say "the database", and not "this statement".
const SQLSTATES = /^(08|53|57|58)/;
const SYSTEM_CODES = /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH)/;
// What pg throws without a code.
const TEXTS =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|not queryable|Cannot use a pool after|Driver not Connected/i;

const isDatabaseDown = (error: unknown): boolean => {
  const { code = '', message = '', severity } = error as { code?: string; message?: string; severity?: string };
  // FATAL ends the session, whatever its code says: no login, no such database, not accepting connections.
  return severity === 'FATAL' || SQLSTATES.test(code) || SYSTEM_CODES.test(code) || TEXTS.test(message);
};

/** A lost or silent database as `STORE_DOWN`; everything else as it is. Its text names no host: that is in the log. */
export const toStoreFailure = (error: unknown, doing: string): unknown =>
  isDatabaseDown(error)
    ? Failure.of(
        'STORE_DOWN',
        `The store did not answer while ${doing}. Try again; the operator sees why in the log.`,
        {
          cause: error,
          retryAfterMs: 2_000,
        },
      )
    : error;
