/**
 * @module cli/cli
 *
 * `fim` as a function from words to an exit code: parse, run the command, say what went wrong. Owns no stream, signal or
 * process, so that tests run it as a user would.
 */
import { screen } from './terminal/screen.js';
import type { ExitCode } from '../core/errors.js';
import type { CommandModule, Context } from './command.js';
import { type CommandName, isCommand } from './commands.js';
import { complain, isAbort } from './complaint.js';
import { commandHelp } from './help.js';
import type { Io } from './io.js';
import { commandLine, toManifest } from './manifest.js';
import { goesOn } from './goes-on.js';
import { noRoom } from './no-room.js';
import { overview } from './overview.js';
import { leadingCommand, parse, type ParsedCommand } from './parse.js';
import { REGISTRY, type Registry } from './registry.js';
import { rowsOf } from '../settings/table.js';

/** What `runCli` needs of the process. */
export interface CliOptions {
  /** Streams and clock. */
  readonly io: Io;
  /** Version of fim. */
  readonly version: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Bodies other than the installed ones, for tests. */
  readonly registry?: Registry;
}

/** Runs `fim ...words`. Never throws. */
export async function runCli(words: readonly string[], options: CliOptions): Promise<ExitCode> {
  const { version, signal, registry = REGISTRY } = options;
  const io = screen(options.io);
  try {
    const parsed = parse(words);
    switch (parsed.kind) {
      case 'version':
        io.stdout.write(`${version}\n`);
        return 0;
      case 'help': {
        const full = words[0] === 'help';
        const text =
          parsed.command === undefined
            ? overview(version, io.stdout)
            : commandHelp(parsed.command, io.stdout, full);
        io.stdout.write(`${text}\n`);
        return 0;
      }
      case 'command':
        return await runCommand(parsed, registry, io, version, signal);
    }
  } catch (error) {
    if (signal.aborted && isAbort(error)) {
      io.stderr.write('interrupted\n');
      return 130;
    }
    const [command] = leadingCommand(words[0] === 'help' ? words.slice(1) : words);
    const known = isCommand(command);
    const settings = known ? rowsOf(command).map(([name]) => name) : [];
    return complain(io, noRoom(error, settings) ?? error, known ? `fim help ${command}` : 'fim --help');
  }
}

async function runCommand(
  parsed: ParsedCommand,
  registry: Registry,
  io: Io,
  version: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  // The registry pairs each name with a body for that name; TypeScript cannot follow the pair through a union.
  const load = registry[parsed.command] as () => Promise<CommandModule<CommandName>>;
  const { run } = await load();
  const context: Context<CommandName> = {
    command: parsed.command,
    positionals: parsed.positionals,
    options: parsed.options,
    given: parsed.given,
    commandLine: commandLine(parsed),
    manifest: toManifest(parsed),
    version,
    io,
    signal,
  };
  if (goesOn(parsed)) io.desk?.goesOn(context.commandLine);
  const code = (await run(context)) ?? 0;
  return signal.aborted && code === 0 ? 130 : code;
}
