/**
 * @module cli/command
 *
 * A command's body: a module in `commands/` that exports one `run`. It writes data to
 * `io.stdout`, words to `io.stderr`, throws FimError for bad input, watches `signal`, and returns its exit code
 * (nothing means 0). Interrupted with something to show, it shows it and returns 130.
 */
import type { ExitCode } from '../core/errors.js';
import type { CommandName, PositionalsOf } from './commands.js';
import type { Io } from './io.js';
import type { CommandManifest } from './manifest.js';
import type { SettingName, SettingsOf } from '../settings/table.js';

/** What a command's body gets. */
export interface Context<C extends CommandName> {
  /** Name of the command. */
  readonly command: C;
  /** Words that are no options, by name. */
  readonly positionals: PositionalsOf<C>;
  /** Parsed, defaults filled in; a list that was not given is empty, a switch false, the rest undefined. */
  readonly options: SettingsOf<C>;
  /** Options that stood on the command line. */
  readonly given: ReadonlySet<SettingName>;
  /** The line that was typed, quoted for a shell, without defaults. */
  readonly commandLine: string;
  /** Everything that was asked, defaults included, as JSON. */
  readonly manifest: CommandManifest;
  /** Version of fim. */
  readonly version: string;
  /** Streams and clock. */
  readonly io: Io;
  /** Aborted by the first Ctrl-C; the second ends the process. */
  readonly signal: AbortSignal;
}

/** The body of command `C`. */
export type Run<C extends CommandName> = (context: Context<C>) => Promise<ExitCode | void>;

/** The module of a command's body. */
export interface CommandModule<C extends CommandName> {
  /** Runs the command. */
  readonly run: Run<C>;
}
