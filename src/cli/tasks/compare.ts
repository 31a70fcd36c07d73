/**
 * @module cli/tasks/compare
 *
 * A comparison as tasks: one a run. A result is the run's folder as a stored zip archive, the same files that a run in place leaves; merging
 * puts each in its place under `runs/`.
 */
import { cpSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { FimError } from '../../core/errors.js';
import { formatZip, openZip } from '../../data/zip.js';
import { makeFolder, readBytes, temporaryFolder, writeFailure } from '../../disk/files.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { Performer, TaskRun } from '../../scale/kind.js';
import { identify } from '../../store/folder/identity.js';
import { plain } from '../../store/folder/plain.js';
import type { Json } from '../../store/points.js';
import { CompareRun, statusOf } from '../../store/training/compare.js';
import { perform } from '../../store/training/compare-tasks.js';
import { type Comparison, type Job, jobsOf } from '../../store/training/grid.js';
import type { Context } from '../command.js';
import { writeComparison } from '../compare/run.js';
import { environmentId } from '../environment.js';
import { fromManifest } from '../manifest.js';
import type { ParsedCommand } from '../parse.js';
import { startProgress } from '../terminal/live.js';
import type { KindContext, KindModule } from './kind.js';
import { manifestIn, prepareFolder } from './prepare.js';

/** What is decided before the runs are cut. */
interface Decided {
  readonly comparison: Comparison;
  /** Modules of the user's that register environments. */
  readonly modules: readonly string[];
}

const nameOf = ({ arm, environment, seed }: Job): string => `${arm} in ${environment}, seed ${seed}`;
const hashOf = ({ settings }: Job): string =>
  identify(settings.environment, settings.algorithm, settings).configHash;

/** One task a run, its time by pilots; null where these were interrupted. */
export async function prepareCompare(
  context: Context<'rl compare'>,
  out: string,
  comparison: Comparison,
  modules: readonly string[],
): Promise<TaskFolder | null> {
  const { options, io, signal, version } = context;
  const jobs = jobsOf(comparison, out);
  const workers = options.workers ?? availableParallelism();
  const run = new CompareRun(jobs, { workers, version, modules });
  const progress = startProgress(io, 'pilot', options.quiet);
  try {
    const forecast = await run.forecast(signal, {
      onPilot: (done, of) => progress.update(done / of, `${done} of ${of}`),
    });
    if (forecast === null) return null;
    const seconds = new Map(forecast.remaining.map((r) => [r.job, r.seconds]));
    return prepareFolder(context, out, {
      kind: 'rl-compare',
      decided: plain({ comparison, modules }, 'comparison'),
      tasks: jobs.map((job) => ({
        name: nameOf(job),
        seconds: seconds.get(job) ?? 0,
        input: { settings: hashOf(job) } satisfies Json,
      })),
    });
  } finally {
    progress.end();
    await run.close();
  }
}

/** The runs of a folder by the names of their tasks. Throws `tasks/settings` where one is not what it was. */
async function jobsIn(folder: TaskFolder): Promise<{ comparison: Comparison; jobs: Map<string, Job> }> {
  const { comparison, modules } = folder.plan.decided as unknown as Decided;
  for (const module of modules) await environmentId(module);
  const jobs = new Map(jobsOf(comparison, folder.path).map((job) => [nameOf(job), job]));
  for (const { name, input } of folder.plan.tasks) {
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
  return { comparison, jobs };
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

async function performRun(run: TaskRun, job: Job, { io, version }: KindContext): Promise<Uint8Array | null> {
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
      now: () => io.now(),
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

/** The kind. */
export const compareKind: KindModule = {
  async open(folder, context): Promise<Performer> {
    const { jobs } = await jobsIn(folder);
    return {
      perform: (run) => performRun(run, jobs.get(run.task.name) as Job, context),
      close: () => undefined,
    };
  },
  async merge(folder, { io, signal, version, options: { json, quiet } }) {
    const { comparison, jobs } = await jobsIn(folder);
    for (const [index, { name }] of folder.plan.tasks.entries()) {
      const bytes = folder.result(index);
      if (bytes !== null) unpack(bytes, jobs.get(name) as Job);
    }
    const { workers } = (fromManifest(manifestIn(folder)) as ParsedCommand<'rl compare'>).options;
    const run = new CompareRun([...jobs.values()], { workers: 1, version });
    const out = relative(process.cwd(), folder.path) || '.';
    const options = { json, quiet, workers };
    writeComparison({ io, signal, version, commandLine: folder.plan.line, options }, comparison, run, out);
    await run.close();
    return 0;
  },
};
