import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; this is whom it runs as instead. Undefined: as ourselves. */
export type Account = { uid: number; gid: number } | undefined;

const NAME = 'postgres';

const idOf = async (flag: '-u' | '-g'): Promise<number> => Number((await run('id', [flag, NAME])).stdout);

const lookUp = async (): Promise<Account> => {
  try {
    const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')]);
    return { uid, gid };
  } catch {
    return undefined;
  }
};

const createAccount = async (): Promise<Account> => {
  await run('groupadd', ['--system', '--force', NAME]);
  await run('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
  return lookUp();
};

/** The account for PostgreSQL, created when root has none to offer. */
export const postgresAccount = async (): Promise<Account> => {
  if (process.getuid?.() !== 0) return undefined;
  const account = (await lookUp()) ?? (await createAccount().catch(() => undefined));
  if (account) return account;
  throw new Error(
    'Starting the embedded store as root: there is no user "postgres" and none could be created. ' +
      'Create one, start as another user, or set BAILEY_DATABASE_URL.',
  );
};

/** Whether the account gets as far as this folder: asked of the kernel, since modes, owners and ACLs all count. */
export const canEnter = async (account: Account, folder: string): Promise<boolean> =>
  account === undefined ||
  run('/bin/sh', ['-c', 'cd -- "$0"', folder], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
