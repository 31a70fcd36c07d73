/**
 * @module scale/folder
 *
 * A task folder: `tasks.json` with the kind of work, the settings of the command, fim's version, digests of the files that it reads and
 * the list of tasks; `tasks/NNNN/` with the claims, the log and the one result of a task; further files of the kind. It is made whole or
 * not at all: `tasks.json` comes last. Any number of processes on any number of machines that share the file system work on it
 * (scale/work).
 */
import { linkSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FimError } from '../core/errors.js';
import { quote } from '../core/shell.js';
import { openSource } from '../data/source.js';
import { DISK } from '../disk/disk.js';
import { readBytes, sha256, type TemporaryFolder, temporaryFolder, writeAtomic } from '../disk/files.js';
import { exists, makeFolder } from '../disk/paths.js';
import { sweep } from '../disk/temporary.js';
import { differences, plain } from '../store/folder/plain.js';
import { type Json, readJson, writeJson } from '../store/points.js';
import type { Task } from './kind.js';
import { planFault } from './plan-shape.js';
import { namesOf, sealPath, type TaskNames } from './state.js';

/** Of the layout of `tasks.json`; 2 has a digest of the rest. */
export const TASKS_FORMAT = 2;
/** Seconds without a sign of life after which a claim may be taken over. */
export const STALE_SECONDS = 60;
/** Failures after which a task is given up. */
export const ATTEMPTS = 3;

/** A file that tasks read. */
export interface TaskFile {
  /** What it is to the work, e.g. `MODEL`. */
  readonly name: string;
  /** From the folder where the work was prepared. */
  readonly path: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  /** Name of the file that it has to lie beside, at the same place from it; absent: of none. */
  readonly beside?: string;
}

/** What a folder of tasks is made of. */
export interface TaskPlan {
  /** Name of the kind of work. */
  readonly kind: string;
  /** Version of fim; another one does not work on it. */
  readonly fim: string;
  /** What was asked: the manifest of the command. */
  readonly command: Json;
  /** Settings of how it is done, which do not say what is computed. */
  readonly how?: Readonly<Record<string, Json>>;
  /** The line that was typed. */
  readonly line: string;
  /** Where it was typed, from which relative paths are meant. */
  readonly directory: string;
  /** Files that tasks read. */
  readonly files: readonly TaskFile[];
  /** What was decided before the work was cut, for the kind. */
  readonly decided: Json;
  /** Failures after which a task is given up. */
  readonly attempts: number;
  /** Seconds without a sign of life after which a claim may be taken over. */
  readonly staleSeconds: number;
  /** The tasks, those that take longest first. */
  readonly tasks: readonly Task[];
}

/** A folder of tasks on disk. */
export class TaskFolder {
  private readonly width: number;

  /** Use `openTasks`. */
  constructor(
    /** The folder, from the root of the file system. */
    readonly path: string,
    /** What `tasks.json` says. */
    readonly plan: TaskPlan,
  ) {
    this.width = Math.max(4, String(plan.tasks.length - 1).length);
  }

  /** The folder of task `index`. */
  taskPath(index: number): string {
    return join(this.path, 'tasks', this.nameOf(index));
  }

  /** `0003`. */
  nameOf(index: number): string {
    return String(index).padStart(this.width, '0');
  }

  /** What the names in a task's folder say. Throws `tasks/damaged` where it is gone. */
  names(index: number): TaskNames {
    const path = this.taskPath(index);
    try {
      return namesOf(readdirSync(path));
    } catch (error) {
      throw damaged(path, error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * The result of a task; null where it has none. Throws `tasks/result-damaged`, `file/…`.
   * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`
   */
  result(index: number): Uint8Array<ArrayBuffer> | null {
    const path = join(this.taskPath(index), 'result');
    return exists(path) ? readBytes(this.resultPath(index)) : null;
  }

  /** The file of a task's result, with the bytes that were put there. Throws `tasks/result-damaged`, `file/…`. */
  resultPath(index: number): string {
    const path = join(this.taskPath(index), 'result');
    const digest = digestAt(path);
    if (exists(sealPath(this.taskPath(index), digest))) return path;
    throw new FimError({
      code: 'tasks/result-damaged',
      where: path,
      rule: 'a result has the bytes that were put there: its SHA-256 stands beside it as a name, sealed.…',
      got: `sha256 ${digest.slice(0, 12)}…, which is none of those`,
      cause: 'the disk, or another program, changed it',
      next: `rm ${quote(path)}   # then: fim work ${quote(this.path)}`,
    });
  }
}

const fileOf = (path: string): string => join(path, 'tasks.json');

/** Whether a folder of tasks stands at `path`. */
export const hasTasks = (path: string): boolean => exists(fileOf(path));

/**
 * Makes the folder, or finds the same one there. Throws `tasks/of-another` where tasks of other work stand, `tasks/twice` for two tasks of
 * one name, `tasks/no-links` on a file system without link(2), `file/…`.
 * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`, `file/unreadable`,
 * `file/unwritable`, `points/damaged`, `tasks/damaged`, `tasks/none`
 */
export function prepareTasks(path: string, plan: TaskPlan): TaskFolder {
  const root = resolve(path);
  if (hasTasks(root)) return requireSame(openTasks(root), plan);
  const names = new Set(plan.tasks.map((task) => task.name));
  if (names.size !== plan.tasks.length) {
    throw new FimError({
      code: 'tasks/twice',
      kind: 'internal',
      where: root,
      rule: 'tasks have names of their own',
      got: `${plan.tasks.length} tasks of ${names.size} names`,
    });
  }
  const folder = new TaskFolder(root, plan);
  makeFolder(join(root, 'tasks'));
  requireLinks(root);
  plan.tasks.forEach((_, index) => makeFolder(folder.taskPath(index)));
  writePlan(folder);
  return folder;
}

/** The contents of `tasks.json` but for its digest. */
const contentsOf = (plan: TaskPlan): Json =>
  JSON.parse(JSON.stringify({ format: TASKS_FORMAT, ...plan })) as Json;

/** Writes `tasks.json` in one step. Throws `file/…`. */
export function writePlan({ path, plan }: TaskFolder): void {
  const own = contentsOf(plan);
  writeJson(fileOf(path), { ...(own as Readonly<Record<string, Json>>), sha256: digestOf(own) }, 1);
}

/**
 * Opens a folder of tasks. Throws `tasks/none`, `tasks/damaged`, `file/…`.
 * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`, `points/damaged`
 */
export function openTasks(path: string): TaskFolder {
  const file = fileOf(path);
  if (!exists(file)) {
    throw new FimError({
      code: 'tasks/none',
      kind: 'usage',
      where: path,
      rule: 'a folder of tasks has a file tasks.json',
      got: exists(path) ? 'a folder without one' : 'no such folder',
      cause: 'nothing was prepared there',
      next: 'name the folder that the work was prepared in, or prepare it (`prepare: true`)',
    });
  }
  sweep(resolve(path), SCRATCH, statSync(path).mtimeMs);
  return new TaskFolder(resolve(path), planIn(readJson(file), file));
}

/** What a `tasks.json` plans, without what it says of itself. Throws `tasks/damaged`. */
export function planIn(contents: unknown, file: string): TaskPlan {
  const fault = planFault(contents, TASKS_FORMAT);
  if (fault !== null) throw damaged(file, fault);
  const { sha256: digest, ...plan } = contents as TaskPlan & { readonly sha256: Json };
  if (digest !== digestOf(plan as unknown as Json))
    throw damaged(file, 'contents of another SHA-256 than it says');
  return plan;
}

/** Of the contents of tasks.json but for the digest itself. */
const digestOf = (contents: Json): string => sha256(new TextEncoder().encode(JSON.stringify(contents)));

/** Throws `tasks/version` where the tasks were prepared by another version of fim. */
export function requireVersion({ path, plan }: TaskFolder, version: string): void {
  if (plan.fim === version) return;
  throw new FimError({
    code: 'tasks/version',
    where: path,
    rule: 'tasks are worked on by the version of fim that prepared them, so that their results belong together',
    got: `fim ${version}, where ${plan.fim} prepared them`,
    next: `npm install fim@${plan.fim}, or prepare the work again in another folder`,
  });
}

/**
 * Throws `tasks/file-differs` where a file is not the one that the tasks were prepared with, its path meant from `directory`, and `file/…`.
 */
export function requireFiles({ path, plan }: TaskFolder, directory = plan.directory): void {
  for (const file of plan.files) {
    const at = resolve(directory, file.path);
    const found = digestAt(at);
    if (found === file.sha256) continue;
    throw new FimError({
      code: 'tasks/file-differs',
      where: at,
      rule: `is ${file.name} of the tasks in ${path}: sha256 ${file.sha256.slice(0, 12)}…`,
      got: `sha256 ${found.slice(0, 12)}…`,
      cause: 'the file was changed after the tasks were prepared, or this machine has another one',
      next: 'put the file back, or prepare the work again in another folder',
    });
  }
}

/** What a file of tasks is known by. */
export function taskFile(name: string, path: string, beside?: string): TaskFile {
  return { name, path, sha256: digestAt(path), ...(beside === undefined ? {} : { beside }) };
}

/** SHA-256 of a file, a large one in parts. */
const digestAt = (path: string): string => openSource(path, DISK).digest();

/** Throws `tasks/of-another` where the tasks are of another command. */
export function requireCommand({ path, plan }: TaskFolder, command: Json): void {
  const found = differences(plan.command, plain(command, 'command'));
  if (found.length > 0) throw ofAnother(path, found);
}

/** Expected seconds, where the line was typed and how the tasks are done may differ: the work is the same. */
function identity(plan: unknown): Json {
  const {
    tasks,
    directory: _1,
    line: _2,
    how: _3,
    attempts: _4,
    staleSeconds: _5,
    ...rest
  } = plan as TaskPlan;
  return plain(
    { ...rest, tasks: tasks.map(({ name, input }) => ({ name, input })).sort(byName) },
    'tasks.json',
  );
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function requireSame(folder: TaskFolder, plan: TaskPlan): TaskFolder {
  const found = differences(identity(contentsOf(folder.plan)), identity(contentsOf(plan)));
  if (found.length === 0) return folder;
  throw ofAnother(folder.path, found);
}

/** Throws `tasks/of-another` where the tasks are of other work, whatever the list of them. */
export function requireSameWork(folder: TaskFolder, plan: TaskPlan): void {
  const own = { ...plan, tasks: folder.plan.tasks };
  requireSame(folder, own);
}

function ofAnother(where: string, found: readonly string[]): FimError {
  return new FimError({
    code: 'tasks/of-another',
    kind: 'usage',
    where,
    rule: 'it holds tasks of other work; nothing in it was changed',
    got: found.slice(0, 3).join('; '),
    next: 'name another folder, or ask for the same again',
  });
}

/** Stands for a while in a folder of tasks, under a temporary name. */
const SCRATCH = 'scratch';

/** A folder of this process in a folder of tasks. Throws `file/…`. */
export const scratchIn = ({ path }: TaskFolder): TemporaryFolder => temporaryFolder(join(path, SCRATCH));

/** Results are put in place by a second name for a file, which the system refuses where one stands. */
function requireLinks(root: string): void {
  const trial = temporaryFolder(join(root, SCRATCH));
  const [one, two] = ['a', 'b'].map((name) => join(trial.path, name));
  try {
    writeAtomic(one, new Uint8Array(0));
    linkSync(one, two);
  } catch (error) {
    if (error instanceof FimError) throw error;
    throw new FimError(
      {
        code: 'tasks/no-links',
        where: root,
        rule: 'tasks lie on a file system with second names for files (link)',
        got: error instanceof Error ? error.message : String(error),
        next: 'name a folder on another file system',
      },
      { cause: error },
    );
  } finally {
    trial.remove();
  }
}

function damaged(where: string, got: string): FimError {
  return new FimError({
    code: 'tasks/damaged',
    where,
    rule: 'a folder of tasks is as it was prepared',
    got,
    cause: 'another program, or another version of fim, wrote it',
    next: 'prepare the work again in another folder',
  });
}
