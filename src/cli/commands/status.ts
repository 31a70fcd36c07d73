/**
 * @module cli/commands/status
 *
 * `fim status DIR`: how far the tasks of a folder are.
 */
import { formatTimeLeft } from '../../report/format.js';
import { openTasks } from '../../scale/folder.js';
import { statusOf } from '../../scale/status.js';
import type { Run } from '../command.js';
import { jsonLine } from '../mentions.js';
import { jobsOf, type SlurmJob } from '../submit/slurm-jobs.js';
import { failureLines } from '../tasks/words.js';

export const run: Run<'status'> = async ({ positionals, options, io }) => {
  const folder = openTasks(positionals.dir);
  const status = statusOf(folder, new Date().getTime() / 1000);
  const jobs = jobsOf(folder);
  if (options.json) {
    io.stdout.write(jsonLine(jobs.length > 0 ? { ...status, slurm: jobs } : status));
    return;
  }
  const { tasks, done, running, failed, secondsLeft, failures } = status;
  const waiting = tasks - done - running - failed;
  const parts = [
    `${done} of ${tasks} tasks done`,
    `${running} running`,
    `${failed} failed`,
    `${waiting} waiting`,
  ];
  const left =
    waiting + running > 0
      ? `, ${formatTimeLeft(secondsLeft)} left${running > 0 ? '' : ' for one worker'}`
      : '';
  io.stdout.write(`${parts.join(', ')}${left}\n${failureLines(failures, positionals.dir)}${jobLines(jobs)}`);
};

/** `slurm: 2 TIMEOUT (12_3, 12_7), 1 RUNNING (12_9)`, what ended well left out. */
function jobLines(jobs: readonly SlurmJob[]): string {
  if (jobs.length === 0) return '';
  const states = [...new Set(jobs.map(({ state }) => state))].map((state) => {
    const own = jobs.filter((one) => one.state === state).map(({ job }) => job);
    return `${own.length} ${state} (${own.slice(0, 5).join(', ')}${own.length > 5 ? ', …' : ''})`;
  });
  return `slurm: ${states.join(', ')}\n`;
}
