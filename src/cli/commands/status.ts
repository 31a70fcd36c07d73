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
import { failureLines } from '../tasks/words.js';

export const run: Run<'status'> = async ({ positionals, options, io }) => {
  const status = statusOf(openTasks(positionals.dir), new Date().getTime() / 1000);
  if (options.json) {
    io.stdout.write(jsonLine(status));
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
  io.stdout.write(`${parts.join(', ')}${left}\n${failureLines(failures)}`);
};
