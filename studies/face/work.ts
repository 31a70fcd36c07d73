/**
 * @module studies/face/work
 *
 * The folder of a study as a folder of tasks: a task a piece. One process that does them all works on the same folder in the same way as
 * many do.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FimError } from 'fim/core';
import type { Hooks } from 'fim/jobs';
import {
  ATTEMPTS,
  forgive,
  growTasks,
  moduleOfTasks,
  ofSameModule,
  type Performer,
  STALE_SECONDS,
  statusOf,
  type Task,
  type TaskFolder,
  workOn,
} from 'fim/scale';
import type { Json } from 'fim/store';
import type { Asked } from './options.js';
import { type CutStudy, decode, type Done, encode, type Piece, type Results } from './piece.js';

/** The file that performs a study's tasks for `fim work`. */
function moduleFile(): string {
  const [built, source] = ['../tasks.js', '../tasks.ts'].map((at) =>
    fileURLToPath(new URL(at, import.meta.url)),
  );
  return existsSync(built) ? built : source;
}

const howOf = () =>
  moduleOfTasks(
    moduleFile(),
    'npm run study -- --help    # in a clone of the repository: it builds the studies',
  );

/** Whether the studies are another text than what the folder was prepared with. */
export const changedSince = (folder: TaskFolder): boolean => !ofSameModule(folder, howOf());

/** What the work on a study needs of it. */
type Cut = Pick<CutStudy<unknown>, 'settings' | 'files' | 'pieces'>;

/** What a folder is made for. */
export interface Preparation {
  /** Name of the study. */
  readonly name: string;
  readonly asked: Asked;
  /** The line that was typed. */
  readonly line: string;
  /** Of fim. */
  readonly version: string;
}

/** Makes the folder of a study's tasks, or adds those that it lacks. Throws `tasks/of-another` for a folder of other settings. */
export const prepareStudy = (
  path: string,
  { pieces, settings, files = [] }: Cut,
  preparation: Preparation,
): TaskFolder =>
  prepareOwn(path, preparation, {
    ...{ settings, files },
    tasks: pieces.map(({ key, seconds }) => ({
      name: key,
      seconds,
      input: { asked: { ...preparation.asked } as Json },
    })),
  });

/** Makes a folder of tasks that studies/tasks performs, or adds those that it lacks. Throws `tasks/of-another`. */
export function prepareOwn(
  path: string,
  { name, line, version }: Omit<Preparation, 'asked'>,
  {
    settings,
    files,
    tasks,
  }: Pick<CutStudy<unknown>, 'settings' | 'files'> & { readonly tasks: readonly Task[] },
): TaskFolder {
  return growTasks(path, {
    kind: 'study',
    fim: version,
    command: { command: name, settings: settings as Json },
    how: howOf(),
    line: line.replace(/ --prepare(?= |$)/, ''),
    directory: process.cwd(),
    files: files ?? [],
    decided: null,
    attempts: ATTEMPTS,
    staleSeconds: STALE_SECONDS,
    tasks: [...tasks].sort((a, b) => b.seconds - a.seconds),
  });
}

/** Performs a study's pieces; `studyOf` opens the study of what was asked for. Throws `study/settings`, `study/piece`. */
export function performerOf(folder: TaskFolder, studyOf: (asked: Asked) => Promise<Cut>): Performer {
  return {
    async perform({ task, signal, progress }) {
      const { asked } = task.input as unknown as { readonly asked: Asked };
      const study = await studyOf(asked);
      requireSettings(folder, study);
      const piece = study.pieces.find(({ key }) => key === task.name);
      if (piece === undefined) throw unknownPiece(folder, task.name);
      const result = await piece.run({ signal, onProgress: progress }, doneIn(folder));
      return result === null ? null : encode(task.name, result);
    },
    close: () => undefined,
  };
}

/** Results by the names of their pieces. */
function doneIn(folder: TaskFolder): Done {
  const places = new Map(folder.plan.tasks.map(({ name }, index) => [name, index]));
  return <R>({ key }: Piece<R>) => {
    const index = places.get(key);
    return index === undefined || !folder.names(index).result ? null : (resultAt(folder, index, key) as R);
  };
}

/** Another commit, or other digits, may have other settings under the same options. */
function requireSettings({ path, plan }: TaskFolder, study: Cut): void {
  const { settings } = plan.command as { readonly settings: Json };
  const [there, here] = [settings, study.settings].map((of) =>
    JSON.stringify(JSON.parse(JSON.stringify(of))),
  );
  if (there === here) return;
  throw new FimError({
    code: 'study/settings',
    where: path,
    rule: 'the settings of the study, and the data that it reads, are those that it was prepared with',
    got: here,
    cause: 'the studies of another commit, or other data',
    next: 'prepare the study again in another folder',
  });
}

const unknownPiece = (folder: TaskFolder, name: string): FimError =>
  new FimError({
    code: 'study/piece',
    where: folder.path,
    rule: 'its tasks are pieces of the study',
    got: name,
    cause: 'the studies of another commit prepared it',
    next: 'prepare the study again in another folder',
  });

/** Places of a study's pieces in the list of the folder. */
function placesOf({ plan }: TaskFolder, pieces: readonly Piece<unknown>[]): number[] {
  const places = new Map(plan.tasks.map(({ name }, index) => [name, index]));
  return pieces.map(({ key }) => places.get(key) as number);
}

/** How the pieces of a study ended here. */
export interface Worked {
  /** All of them have a result. */
  readonly finished: boolean;
  /** A line for each that was given up. */
  readonly failures: readonly string[];
}

/** Does what is left of the study, beside others that may; what was given up before is tried again. Throws `tasks/…`. */
export async function workOnStudy(
  folder: TaskFolder,
  study: Cut,
  { signal = new AbortController().signal, onProgress }: Hooks,
  now: () => number,
): Promise<Worked> {
  const only = placesOf(folder, study.pieces);
  forgive(folder);
  let done = only.filter((index) => folder.names(index).result).length;
  const nameOf = (index: number): string => folder.plan.tasks[index].name;
  const wallTime = (): number => new Date().getTime() / 1000;
  const report = await workOn(
    folder,
    performerOf(folder, () => Promise.resolve(study)),
    {
      ...{ signal, now, wallTime, only },
      onProgress: (index, share) => onProgress?.((done + share) / only.length, nameOf(index)),
      onEnd: (index, end) => {
        if (end === 'done') done++;
        onProgress?.(done / only.length, nameOf(index));
      },
    },
  );
  const { failures } = statusOf(folder, wallTime());
  return {
    finished: report.done === only.length,
    failures: failures
      .filter(({ index }) => report.failed.includes(index))
      .map(({ index, name, message }) => `${name}: ${message}\n  log: ${folder.taskPath(index)}/log`),
  };
}

/** Results of a study's pieces, all of which have one. Throws `tasks/result-damaged`, `study/result`. */
export function resultsIn(folder: TaskFolder, study: Cut): Results {
  const places = new Map(folder.plan.tasks.map(({ name }, index) => [name, index]));
  const found = new Map(
    study.pieces.map(({ key }) => [key, resultAt(folder, places.get(key) as number, key)]),
  );
  return { of: <R>(pieces: readonly Piece<R>[]) => pieces.map(({ key }) => found.get(key) as R) };
}

function resultAt(folder: TaskFolder, index: number, key: string): unknown {
  const bytes = folder.result(index);
  const decoded = bytes && decode(key, bytes);
  if (decoded !== null) return decoded.result;
  const path = `${folder.taskPath(index)}/result`;
  throw new FimError({
    code: 'study/result',
    where: path,
    rule: `is the result of ${key}`,
    got: bytes === null ? 'nothing' : 'that of another piece',
    cause: 'two processes lengthened the list of the study at the same time',
    next: `rm '${path}'    # then the same line again`,
  });
}
