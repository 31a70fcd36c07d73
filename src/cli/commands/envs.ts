/**
 * @module cli/commands/envs
 *
 * `fim envs`: the environments with their spaces, limits and thresholds.
 */
import { describeSpace, listEnvironments, type Space } from '../../rl/index.js';
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
      { title: 'action' },
      { title: 'steps', align: 'right' },
      { title: 'threshold', align: 'right' },
    ],
    list.map((e) => [
      e.id,
      brief(e.observationSpace),
      brief(e.actionSpace),
      e.maxSteps === null ? '–' : String(e.maxSteps),
      e.threshold === null ? '–' : plain(e.threshold),
    ]),
    { width: io.stdout.columns },
  );
  io.stdout.write(`${table}\n`);
  return 0;
};

/** A space in a few letters: `Discrete(2)`, `Box(6) ±1`, `Box(4)` where its bounds differ or there are none. */
function brief(space: Space): string {
  if (space.kind === 'discrete') return describeSpace(space);
  const [bound] = space.high;
  const even = space.high.every((v, i) => v === bound && space.low[i] === -bound);
  return `Box(${space.size})${even && Number.isFinite(bound) ? ` ±${Number(bound.toPrecision(4))}` : ''}`;
}

/** As it is written in a specification. */
const plain = (v: number): string => String(v).replace('-', '−');
