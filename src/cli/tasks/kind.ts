/**
 * @module cli/tasks/kind
 *
 * A kind of work as commands see it: opened for its tasks, merged from their results.
 */
import type { ExitCode } from '../../core/errors.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { Performer } from '../../scale/kind.js';
import type { SettingName, SettingsOf } from '../../settings/table.js';
import type { Io } from '../io.js';

/** What a kind's work gets of the command that does it. */
export interface KindContext {
  /** Streams and clock. */
  readonly io: Io;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Version of fim. */
  readonly version: string;
}

/** How results are merged. */
export interface MergeContext extends KindContext {
  /** Of the command that merges. */
  readonly options: SettingsOf<'merge'>;
  /** Those that stood on its line. */
  readonly given: ReadonlySet<SettingName>;
  /** Tasks without a result, which the caller has said; empty unless a part will do. */
  readonly missing: readonly number[];
}

/** A kind of work. */
export interface KindModule {
  /** Opens what its tasks need. Throws where it is not what the work was prepared with. */
  open(folder: TaskFolder, context: KindContext): Promise<Performer>;
  /** Writes and prints what the command does that prepared it. */
  merge(folder: TaskFolder, context: MergeContext): Promise<ExitCode>;
}
