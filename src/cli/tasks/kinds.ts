/**
 * @module cli/tasks/kinds
 *
 * Kinds of work by the name in `tasks.json`, loaded on demand. To add one: a module that opens its tasks and merges their results, and a row.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { Performer } from '../../scale/kind.js';
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
  /** One JSON object on standard output. */
  readonly json: boolean;
  /** No words but warnings. */
  readonly quiet: boolean;
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

const KINDS: Readonly<Record<string, () => Promise<KindModule>>> = {
  sweep: async () => (await import('./sweep.js')).sweepKind,
  'rl-compare': async () => (await import('./compare.js')).compareKind,
};

/** The kind of a folder's work. Throws `tasks/kind`. */
export async function kindOf({ path, plan }: TaskFolder): Promise<KindModule> {
  if (Object.hasOwn(KINDS, plan.kind)) return KINDS[plan.kind]();
  throw new FimError({
    code: 'tasks/kind',
    where: path,
    rule: `this version of fim knows tasks of ${Object.keys(KINDS).join(', ')}`,
    got: plan.kind,
    cause: 'another version of fim prepared them',
    next: 'work on them with that version',
  });
}
