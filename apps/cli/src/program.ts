import { Command, CommanderError, Option } from 'commander';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { LISTS } from './lists.ts';
import { problemOf, problemText } from './problem.ts';
import { NothingRuns } from './target.ts';

type Run = (exit: ExitCode) => void;

const json = (): Option => new Option('--json', 'print JSON');

const addOffline = (program: Command, io: Io, done: Run): void => {
  program
    .command('validate')
    .description('check resource files, offline')
    .requiredOption('-f, --file <path...>', 'resource files or folders')
    .addOption(json())
    .action(async ({ file, ...flags }) => done(await (await import('./validate.ts')).validate(file, flags, io)));
  program
    .command('describe')
    .description('show what an adapter makes of sources (a WSDL, its zip or its URL)')
    .argument('<adapter>')
    .argument('<source...>')
    .addOption(json())
    .option('--service <name>', 'the service to take')
    .option('--port <name>', 'the port to take')
    .action(async (adapter, sources, { json: isJson, ...connection }) =>
      done(await (await import('./describe.ts')).describe(adapter, sources, { json: isJson, connection }, io)),
    );
};

const CODECS = [
  ['decode', 'turn native bytes on standard input into JSON, offline'],
  ['encode', 'turn JSON on standard input into native bytes, offline'],
] as const;

const addCodecs = (program: Command, io: Io, done: Run): void => {
  for (const [direction, description] of CODECS)
    program
      .command(direction)
      .description(description)
      .argument('<adapter>')
      .argument('[options...]', "the adapter's own, such as --wsdl FILE --operation NAME --service NAME --port NAME")
      .option('--batch', 'take jobs as NDJSON, and answer each in a line')
      .allowUnknownOption()
      .action(async (adapter, words, flags) =>
        done(await (await import('./codec.ts')).runCodec(direction, adapter, words, flags, io)),
      );
};

const addOnline = (program: Command, io: Io, done: Run): void => {
  program
    .command('apply')
    .description('register resource files: all of them, or none')
    .requiredOption('-f, --file <path...>', 'resource files or folders')
    .addOption(json())
    .action(async ({ file, ...flags }) => done(await (await import('./apply.ts')).apply(file, flags, io)));
  program
    .command('call')
    .description('call an operation through the gateway')
    .argument('<bridge>')
    .argument('<operation>')
    .argument('[field=value...]')
    .option('--input <json>', 'the whole input: JSON, @file, or - for standard input')
    .addOption(json())
    .action(async (bridge, operation, fields, flags) =>
      done(await (await import('./call.ts')).call(bridge, operation, fields, flags, io)),
    );
  program
    .command('delete')
    .description('remove a registration')
    .argument('<kind>', 'bridge, system, consumer or pathway')
    .argument('<name>')
    .addOption(json())
    .action(async (kind, name, flags) =>
      done(await (await import('./deletion.ts')).deleteResource(kind, name, flags, io)),
    );
};

const addLists = (program: Command, io: Io, done: Run): void => {
  for (const what of LISTS)
    program
      .command(what)
      .description(`list the ${what} that are registered`)
      .addOption(json())
      .action(async (flags) => done(await (await import('./listing.ts')).list(what, flags, io)));
};

/** What commander says, kept until it can be written in order with the rest. */
interface Said {
  out: string;
  error: string;
}

const createProgram = (io: Io, said: Said, done: Run): Command => {
  const program = new Command('bailey')
    .description('Legacy systems as guarded, typed, traced APIs')
    .exitOverride()
    .configureOutput({ writeOut: (text) => (said.out += text), writeErr: (text) => (said.error += text) });
  for (const add of [addOffline, addCodecs, addOnline, addLists]) add(program, io, done);
  return program;
};

const reportError = async (error: unknown, isJson: boolean, io: Io): Promise<ExitCode> => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof UsageError) {
    await io.stderr(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof NothingRuns) await io.stderr(`${error.message}\n`);
  else if (isJson) await printJson(io, problemOf(error));
  else await io.stderr(problemText(problemOf(error)));
  return EXIT.failed;
};

/** Runs one command line (without the program's own name) to its exit code. Never rejects, but for a lost output. */
export const runCli = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const said: Said = { out: '', error: '' };
  let exit: ExitCode = EXIT.done;
  try {
    await createProgram(io, said, (code) => (exit = code)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    exit = await reportError(error, argv.includes('--json'), io);
  }
  if (said.out !== '') await io.stdout(said.out);
  if (said.error !== '') await io.stderr(said.error);
  return exit;
};
