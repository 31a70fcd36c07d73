/**
 * @module studies/commands/rank1
 *
 * `npm run study -- rank1 --preset P`: the rank-1 inverse and its rivals, tuned alike and run under the same conditions. A comparison like
 * any other (`fim rl compare`), resumable, in the folder of `--run`; as tasks, one a run.
 */
import { join } from 'node:path';
import { type ExitCode, FimError } from 'fim/core';
import {
  hasTasks,
  openTasks,
  type Performer,
  performRun,
  placeRuns,
  runsOf,
  runTasks,
  type TaskFolder,
  type TaskMerge,
  type TaskSurroundings,
} from 'fim/scale';
import { type Comparison, type Job, jobsOf, runComparison, scoresOf, writeJson } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { sayPrepared, type Showing, startProgress } from '../face/fill.js';
import { prepareOwn } from '../face/work.js';
import { comparisonOf, type PresetName, PRESETS, TUNED, TUNING_SEEDS } from '../rank1/scale.js';
import { TUNED_CONFIGURATIONS } from '../rank1/tuned.js';
import { chooseConfigurations, tuningComparison } from '../rank1/tuning.js';

/** Of a step of a run, about. */
const SECONDS = 4e-4;

const comparisonFor = (preset: PresetName): Comparison =>
  preset === 'tune' ? tuningComparison(TUNED, TUNING_SEEDS) : comparisonOf(preset, TUNED_CONFIGURATIONS);

/** Throws `study/tasks` where the folder's runs are tasks that are not done. */
export async function runRank1(context: StudyContext): Promise<ExitCode> {
  const { options } = context;
  const preset = options.preset ?? PRESETS[1];
  const folder = options.run ?? join('runs', `rank1-${preset}`);
  if (options.prepare) {
    const tasks = runTasks(jobsOf(comparisonFor(preset), folder), (job) => SECONDS * job.settings.steps);
    const settings = { study: 'rank1', preset };
    return sayPrepared(
      context,
      folder,
      prepareOwn(folder, { ...context, name: 'rank1' }, { settings, tasks }),
    );
  }
  if (hasTasks(folder)) {
    const there = openTasks(folder);
    requireDone(there, folder);
    placeRuns(there, runsIn(there));
  }
  return compared(context, preset, folder);
}

const presetIn = ({ plan }: TaskFolder): PresetName =>
  (plan.command as unknown as { readonly settings: { readonly preset: PresetName } }).settings.preset;

const runsIn = (folder: TaskFolder): Map<string, Job> =>
  runsOf(folder, jobsOf(comparisonFor(presetIn(folder)), folder.path));

/** Opens the runs of a folder of tasks. */
export function openRank1(folder: TaskFolder, { now, version }: TaskSurroundings): Performer {
  const jobs = runsIn(folder);
  return {
    perform: (run) => performRun(run, jobs.get(run.task.name) as Job, { now, version }),
    close: () => undefined,
  };
}

/** Puts the runs in their places and writes what the study writes. */
export function mergeRank1(folder: TaskFolder, around: TaskMerge): Promise<ExitCode> {
  placeRuns(folder, runsIn(folder));
  const { json, quiet } = around;
  const options = { json, quiet, workers: undefined };
  return compared({ ...around, options, line: folder.plan.line }, presetIn(folder), folder.path);
}

function requireDone(folder: TaskFolder, path: string): void {
  const { length } = folder.plan.tasks;
  const done = [...folder.plan.tasks.keys()].filter((index) => folder.names(index).result).length;
  if (done === length) return;
  throw new FimError({
    code: 'study/tasks',
    kind: 'usage',
    where: path,
    rule: 'its runs are tasks, which workers do',
    got: `${done} of ${length} done`,
    next: `npx fim work ${path}`,
  });
}

type Comparing = Omit<StudyContext, 'options'> & {
  readonly options: Pick<StudyContext['options'], 'json' | 'quiet' | 'workers'>;
};

/** The runs of a preset, and of the tuning what they choose. */
async function compared(context: Comparing, preset: PresetName, folder: string): Promise<ExitCode> {
  const comparison = comparisonFor(preset);
  const code = await goOn(context, comparison, folder);
  if (code !== 0 || preset !== 'tune') return code;
  const path = join(folder, 'tuning.json');
  writeJson(path, chooseConfigurations(TUNED, TUNING_SEEDS, scoresOf(comparison, folder)), 2);
  context.stderr.write(
    `${path}: the chosen configurations; hour and full run with those of studies/rank1/tuned.ts\n`,
  );
  return 0;
}

/** Runs what remains, and says what is there. 130 where it was interrupted, 3 where runs failed. */
async function goOn(context: Comparing & Showing, comparison: Comparison, folder: string): Promise<ExitCode> {
  const { options, stdout, stderr, signal, version, line } = context;
  const say = (text: string): void => void (options.quiet || stderr.write(`${text}\n`));
  const progress = startProgress(context);
  const { finished, failures, text } = await runComparison(comparison, folder, {
    ...{ workers: options.workers, version, command: line, signal, say },
    onProgress: (share, words) => progress.update(share, words),
  }).finally(() => progress.end());
  if (text !== null) {
    const page = `${folder}/index.html`;
    stdout.write(options.json ? `${JSON.stringify({ folder, page })}\n` : text);
    say(`\n${page}`);
  }
  for (const failure of failures) stderr.write(`failed: ${failure}\n`);
  if (!finished) say(`${folder}: stopped; the same command goes on from here`);
  return !finished ? 130 : failures.length > 0 ? 3 : 0;
}
