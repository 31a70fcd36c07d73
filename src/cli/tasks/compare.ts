/**
 * @module cli/tasks/compare
 *
 * A comparison as tasks: one a run (scale/runs).
 */
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { TaskFolder } from '../../scale/folder.js';
import type { Performer } from '../../scale/kind.js';
import { performRun, placeRuns, runsOf, runTasks } from '../../scale/runs.js';
import { plain } from '../../store/folder/plain.js';
import { CompareRun } from '../../store/training/compare.js';
import { type Comparison, type Job, jobsOf } from '../../store/training/grid.js';
import type { Context } from '../command.js';
import { writeComparison } from '../compare/run.js';
import { environmentId } from '../environment.js';
import { fromManifest } from '../manifest.js';
import type { ParsedCommand } from '../parse.js';
import { startProgress } from '../terminal/live.js';
import type { KindModule } from './kind.js';
import { manifestIn, prepareFolder } from './prepare.js';
import { sayCode } from './says-code.js';

/** What is decided before the runs are cut. */
interface Decided {
  readonly comparison: Comparison;
  /** Modules of the user's that register environments. */
  readonly modules: readonly string[];
}

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
      tasks: runTasks(jobs, (job) => seconds.get(job) ?? 0),
    });
  } finally {
    progress.end();
    await run.close();
  }
}

/** The comparison of a folder, and its runs by the names of their tasks. Throws `tasks/settings` where one is not what it was. */
async function jobsIn(folder: TaskFolder): Promise<{ comparison: Comparison; jobs: Map<string, Job> }> {
  const { comparison, modules } = folder.plan.decided as unknown as Decided;
  for (const module of modules) await environmentId(module);
  return { comparison, jobs: runsOf(folder, jobsOf(comparison, folder.path)) };
}

/** The kind. */
export const compareKind: KindModule = {
  async open(folder, context): Promise<Performer> {
    sayCode(context.io, folder, (folder.plan.decided as unknown as Decided).modules);
    const { jobs } = await jobsIn(folder);
    return {
      perform: (run) =>
        performRun(run, jobs.get(run.task.name) as Job, {
          now: () => context.io.now(),
          version: context.version,
        }),
      close: () => undefined,
    };
  },
  async merge(folder, { io, signal, version, options: { json, quiet } }) {
    const { comparison, jobs } = await jobsIn(folder);
    placeRuns(folder, jobs);
    const { workers } = (fromManifest(manifestIn(folder)) as ParsedCommand<'rl compare'>).options;
    const run = new CompareRun([...jobs.values()], { workers: 1, version });
    const out = relative(process.cwd(), folder.path) || '.';
    const options = { json, quiet, workers };
    writeComparison({ io, signal, version, commandLine: folder.plan.line, options }, comparison, run, out);
    await run.close();
    return 0;
  },
};
