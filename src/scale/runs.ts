/**
 * @module scale/runs
 *
 * Runs of a comparison as tasks: one a run. A result is the run's folder as a stored zip archive, the same files that a run in place leaves;
 * merging puts each in its place under `runs/`.
 */
import { cpSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FimError } from '../core/errors.js';
import { formatZip, openZip } from '../data/zip.js';
import { writeFailure } from '../disk/failures.js';
import { readBytes, temporaryFolder } from '../disk/files.js';
import { makeFolder } from '../disk/paths.js';
import { identify } from '../store/folder/identity.js';
import type { Json } from '../store/points.js';
import { statusOf } from '../store/training/compare.js';
import { perform } from '../store/training/compare-tasks.js';
import type { Job } from '../store/training/grid.js';
import type { TaskFolder } from './folder.js';
import type { Task, TaskRun } from './kind.js';

const nameOf = ({ arm, environment, seed }: Job): string => `${arm} in ${environment}, seed ${seed}`;
const hashOf = ({ settings }: Job): string =>
  identify(settings.environment, settings.algorithm, settings).configHash;

/** The runs as tasks; `secondsOf` says what one is expected to take. */
export const runTasks = (jobs: readonly Job[], secondsOf: (job: Job) => number): Task[] =>
  jobs.map((job) => ({
    name: nameOf(job),
    seconds: secondsOf(job),
    input: { settings: hashOf(job) } satisfies Json,
  }));

/** The runs of a folder by the names of their tasks, out of `all`. Throws `tasks/settings` where one is not what it was. */
export function runsOf({ plan }: TaskFolder, all: readonly Job[]): Map<string, Job> {
  const jobs = new Map(all.map((job) => [nameOf(job), job]));
  for (const { name, input } of plan.tasks) {
    const job = jobs.get(name);
    const asked = (input as { readonly settings: string }).settings;
    const found = job === undefined ? 'none' : hashOf(job);
    if (found === asked) continue;
    throw new FimError({
      code: 'tasks/settings',
      where: name,
      rule: `is the run that was prepared: configHash ${asked.slice(0, 12)}…`,
      got: found.slice(0, 12),
      cause: "the environment's file, or a published setting, changed since",
      next: 'put the file back, or prepare the comparison again in another folder',
    });
  }
  return jobs;
}

/** Files of a run, the checkpoint first: the logs are then as long as it says, whoever writes them. */
function filesOf(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const first = (name: string): number => (name.startsWith('checkpoint') ? 0 : 1);
  return names.sort((a, b) => first(a) - first(b) || (a < b ? -1 : 1));
}

const pack = (folder: string): Uint8Array =>
  formatZip(new Map(filesOf(folder).map((name) => [name, packed(join(folder, name))])), folder);

/** A log that nothing was written to has no bytes, which is no fault here. */
const packed = (path: string): Uint8Array<ArrayBuffer> => {
  try {
    return readBytes(path);
  } catch (error) {
    if (error instanceof FimError && error.code === 'file/empty') return new Uint8Array(0);
    throw error;
  }
};

/** What was reached before, whole or not at all: a worker that is killed here leaves its own folder empty. */
function takeUp(before: string, folder: string): void {
  const aside = `${folder}.part`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  for (const name of filesOf(before)) cpSync(join(before, name), join(aside, name), { recursive: true });
  rmdirSync(folder);
  renameSync(aside, folder);
}

/**
 * Trains a run in the workspace of its claim, from where a claim before or the run's own folder had come to; its files as an archive, null
 * where the signal came first. Throws `tasks/run-failed` where the environment fails, and what a run throws.
 * @throws FimError with `arrays/missing`, `data/memory`, `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`,
 * `engine/operator`, `engine/slot`, `engine/store`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`,
 * `file/unreadable`, `file/unwritable`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/link`, `likelihood/not-finite`, `likelihood/option`, `likelihood/unknown`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`, `manifest/json`, `manifest/run`,
 * `matrix/damping`, `matrix/record`, `model/activation`, `onnx/empty-shape`, `onnx/name-twice`, `onnx/opset`, `onnx/parameter-shape`,
 * `onnx/too-large`, `onnx/write`, `optim/conjugate-gradient`, `optim/damping`, `optim/decay`, `optim/factor-not-finite`, `optim/kfac`,
 * `optim/kl-direction`, `optim/kl-target`, `optim/score-not-finite`, `optim/state`, `points/damaged`, `random/index`, `random/seed`,
 * `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`, `rl/diverged`, `rl/dynamics`, `rl/ended`,
 * `rl/environment-module`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`,
 * `rl/option`, `rl/policy`, `rl/registered`, `rl/saved`, `rl/setting`, `rl/shared-value`, `rl/space`, `rl/state`, `rl/unknown`,
 * `rl/vector`, `run/checkpoint-damaged`, `run/checkpoint-format`, `run/checkpoint-gone`, `run/csv-header`, `run/locked`, `run/log-short`,
 * `run/log-unwritable`, `run/not-a-run`, `run/of-another`, `run/policy-damaged`, `run/result-damaged`, `run/scheduled`,
 * `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/name`, `safetensors/offsets`, `safetensors/truncated`,
 * `tensor/size`, `zip/too-large`
 */
export async function performRun(
  run: TaskRun,
  job: Job,
  { now, version }: { readonly now: () => number; readonly version: string },
): Promise<Uint8Array | null> {
  const standing = statusOf(job).kind;
  if (standing === 'done' || standing === 'diverged') return pack(job.folder);
  const folder = run.workspace();
  const before = run.previous ?? (standing === 'begun' ? job.folder : null);
  if (before !== null) takeUp(before, folder);
  const answer = await perform(
    { kind: 'run', settings: job.settings, modules: [], folder, version },
    {
      signal: run.signal,
      news: ({ share }) => run.progress(share),
      now,
      wallTime: () => new Date().getTime() / 1000,
    },
  );
  if (answer.kind === 'stopped') return null;
  if (answer.kind === 'failed')
    throw new FimError({ code: 'tasks/run-failed', where: run.task.name, rule: answer.message });
  return pack(folder);
}

/** Puts a run in its place in one step; one that is there already stays. Throws `file/…`. */
function unpack(bytes: Uint8Array, job: Job): void {
  const standing = statusOf(job).kind;
  if (standing === 'done' || standing === 'diverged') return;
  makeFolder(dirname(job.folder));
  const aside = temporaryFolder(job.folder);
  try {
    for (const entry of openZip(bytes, job.folder))
      writeFileSync(join(aside.path, entry.name), entry.bytes());
    rmSync(job.folder, { recursive: true, force: true });
    renameSync(aside.path, job.folder);
  } catch (error) {
    throw error instanceof FimError ? error : writeFailure(job.folder, error);
  } finally {
    aside.remove();
  }
}

/**
 * Puts the runs that are done in their places; those that are there already stay. Throws `tasks/result-damaged`, `file/…`.
 * @throws FimError with `arrays/missing`, `data/memory`, `deflate/damaged`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`,
 * `file/no-folder`, `file/unreadable`, `file/unwritable`, `manifest/json`, `manifest/run`, `points/damaged`, `run/checkpoint-damaged`,
 * `run/checkpoint-format`, `run/checkpoint-gone`, `run/not-a-run`, `run/of-another`, `run/result-damaged`, `safetensors/dtype`,
 * `safetensors/entry`, `safetensors/header`, `safetensors/offsets`, `safetensors/truncated`, `zip/damaged`, `zip/method`, `zip/not-zip`,
 * `zip/truncated`
 */
export function placeRuns(folder: TaskFolder, jobs: ReadonlyMap<string, Job>): void {
  for (const [index, { name }] of folder.plan.tasks.entries()) {
    const bytes = folder.result(index);
    if (bytes !== null) unpack(bytes, jobs.get(name) as Job);
  }
}
