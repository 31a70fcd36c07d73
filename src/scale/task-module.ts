/**
 * @module scale/task-module
 *
 * Work of a module outside of the package: `tasks.json` names the module's file, which opens the tasks and merges their results, so that
 * whoever works on folders of tasks does these too. The module runs as code, with all that the process may do; it is known by the digest of
 * its text and of what it imports by relative paths.
 */
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ExitCode, FimError } from '../core/errors.js';
import { exists } from '../disk/paths.js';
import type { ModuleIdentity } from '../rl/registration.js';
import type { Json } from '../store/points.js';
import { moduleIdentity } from '../store/training/module-digest.js';
import type { TaskFolder } from './folder.js';
import type { Performer } from './kind.js';

/** One of the two streams. */
export interface TaskStream {
  /** Writes text as it is. */
  write(text: string): unknown;
}

/** What is around a module's work, whoever runs it. */
export interface TaskSurroundings {
  /** Data. */
  readonly stdout: TaskStream;
  /** Words to a person. */
  readonly stderr: TaskStream;
  /** Seconds from any fixed moment, never going back. */
  now(): number;
  /** Aborted: end early, and keep what is done. */
  readonly signal: AbortSignal;
  /** Of fim. */
  readonly version: string;
}

/** How the results are put together. */
export interface TaskMerge extends TaskSurroundings {
  /** Print one JSON object on standard output, and nothing else there. */
  readonly json: boolean;
  /** No words that are no complaint. */
  readonly quiet: boolean;
}

/** What a module of tasks exports. */
export interface TaskModule {
  /** Opens what the tasks need. Throws where it is not what the work was prepared with. */
  open(folder: TaskFolder, around: TaskSurroundings): Promise<Performer>;
  /** Writes and prints what the results come to; every task has one. */
  merge(folder: TaskFolder, around: TaskMerge): Promise<ExitCode>;
}

/** What a plan says of its module, under `how`. */
interface ModuleHow {
  readonly module?: ModuleIdentity;
  /** The line that makes the file where it is missing. */
  readonly build?: string;
}

/**
 * The `how` of a plan whose tasks a module performs: its path from here and its digests; `build` is the line that makes the file where it is missing.
 * Throws `file/…`.
 * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`
 */
export function moduleOfTasks(path: string, build: string): Readonly<Record<string, Json>> {
  return { module: { ...moduleIdentity(path) }, build };
}

/** Where the module of a folder's tasks lies; empty: `tasks.json` names none. */
export function moduleOf({ plan }: Pick<TaskFolder, 'plan'>): string {
  const { module } = (plan.how ?? {}) as ModuleHow;
  return module === undefined ? '' : resolve(plan.directory, module.path);
}

/**
 * The module of a folder's tasks, which lies outside of it. Throws `tasks/module` where it is not there, is no module of tasks, and, unless `changed` is
 * allowed, where its text is not what the tasks were prepared with.
 */
export async function importTaskModule(
  { path, plan }: TaskFolder,
  { changed = false } = {},
): Promise<TaskModule> {
  const { build = 'prepare the work again in another folder' } = (plan.how ?? {}) as ModuleHow;
  const refuse = (where: string, got: string, next: string): FimError =>
    new FimError({
      code: 'tasks/module',
      where,
      rule: `the tasks in ${path} are those of a module, in the place and with the text that they were prepared with`,
      got,
      next,
    });
  const at = moduleOf({ plan });
  if (at === '') throw refuse(path, 'tasks.json names none', build);
  if (!relative(resolve(path), at).startsWith('..'))
    throw refuse(
      at,
      'a module inside of the folder of tasks',
      'prepare the work with a module that lies elsewhere',
    );
  if (!exists(at)) throw refuse(at, 'no such file', build);
  const found = moduleIdentity(at);
  const { module } = plan.how as unknown as Required<ModuleHow>;
  if (!changed && !sameText(found, module))
    throw refuse(
      at,
      'another text of it, or of what it imports',
      `put the text back and make the file again (${build}), or prepare the work again in another folder`,
    );
  const exported = (await import(/* @vite-ignore */ pathToFileURL(at).href)) as Partial<TaskModule>;
  const { open, merge } = exported;
  if (typeof open === 'function' && typeof merge === 'function') return { open, merge };
  throw refuse(at, 'a module without open and merge', build);
}

/** Whether a folder was prepared with the text of the module that `how` of `moduleOfTasks` says. */
export function ofSameModule({ plan }: TaskFolder, how: Readonly<Record<string, Json>>): boolean {
  const [there, here] = [plan.how, how].map((one) => (one as ModuleHow | undefined)?.module);
  return there !== undefined && here !== undefined && sameText(there, here);
}

const sameText = (a: ModuleIdentity, b: ModuleIdentity): boolean =>
  JSON.stringify(textOf(a)) === JSON.stringify(textOf(b));

const textOf = ({ sha256, imports = {} }: ModuleIdentity) => [sha256, Object.entries(imports).sort(byName)];
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
