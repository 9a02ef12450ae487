import { exchange } from './client.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { targetOf } from './target.ts';

const KINDS = ['bridge', 'system', 'consumer', 'pathway'];

/** `bailey delete bridge NAME`: of a registration only; the legacy system is not touched. */
export const deleteResource = async (
  kind: string,
  name: string,
  flags: { json?: boolean },
  io: Io,
): Promise<ExitCode> => {
  if (!KINDS.includes(kind)) throw new UsageError(`"${kind}" is none of ${KINDS.join(', ')}`);
  const path = `/control/v1/${kind}s/${encodeURIComponent(name)}`;
  await exchange(await targetOf('control', io), { method: 'DELETE', path });
  await (flags.json ? printJson(io, { deleted: { kind, name } }) : io.stdout(`Deleted ${kind} ${name}\n`));
  return EXIT.done;
};
