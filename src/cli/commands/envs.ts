/**
 * @module cli/commands/envs
 *
 * `fim envs`: the environments with their spaces, limits and thresholds.
 */
import { formatNumber } from '../../report/format.js';
import { describeSpace, listEnvironments } from '../../rl/index.js';
import type { Run } from '../command.js';
import { renderTable } from '../terminal/table.js';

export const run: Run<'envs'> = async ({ options, io }) => {
  const list = listEnvironments();
  if (options.json) {
    const rows = list.map((e) => ({
      id: e.id,
      family: e.family,
      summary: e.summary,
      observation: describeSpace(e.observationSpace),
      action: describeSpace(e.actionSpace),
      maxSteps: e.maxSteps,
      threshold: e.threshold,
    }));
    io.stdout.write(`${JSON.stringify({ environments: rows })}\n`);
    return 0;
  }
  const table = renderTable(
    [
      { title: 'id' },
      { title: 'observation' },
      { title: 'action', shrink: true },
      { title: 'steps', align: 'right' },
      { title: 'threshold', align: 'right' },
    ],
    list.map((e) => [
      e.id,
      describeSpace(e.observationSpace),
      describeSpace(e.actionSpace),
      e.maxSteps === null ? '–' : String(e.maxSteps),
      e.threshold === null ? '–' : formatNumber(e.threshold),
    ]),
    { width: io.stdout.columns },
  );
  io.stdout.write(`${table}\n`);
  return 0;
};
