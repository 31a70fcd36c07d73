/**
 * @module cli/commands/bench-env
 *
 * `fim bench-env ENV`: steps per second under random actions, alone, on one core.
 */
import { formatCount } from '../../report/format.js';
import { measureSteps, type Speed } from '../../rl/index.js';
import type { Run } from '../command.js';
import { checkedEnvironment } from '../environment.js';
import { environmentOptions, openEnvironment } from '../environment-options.js';
import { inFlags } from '../mentions.js';

/** Runs of which the fastest and the median are told. */
const RUNS = 5;

export const run: Run<'bench-env'> = async ({ options, positionals, io, signal }) => {
  const made = environmentOptions(options);
  const say = (line: string): void => void io.stderr.write(`${inFlags(line)}\n`);
  const id = await checkedEnvironment(positionals.env, say, made === undefined ? {} : { options: made });
  const env = await openEnvironment(id, made);
  const speeds: Speed[] = [];
  try {
    for (let i = 0; i < RUNS && !signal.aborted; i++) {
      speeds.push(measureSteps(env, { clock: () => io.now() * 1000, seed: options.seed }));
    }
  } finally {
    env.close();
  }
  if (speeds.length === 0) return 130;
  const rates = speeds.map((s) => s.stepsPerSecond).sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)];
  const best = rates[rates.length - 1];
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ env: id, median, best, runs: speeds })}\n`);
  } else {
    io.stdout.write(
      `${id}: ${formatCount(median)} steps/s (median of ${rates.length}; best ${formatCount(best)})\n`,
    );
  }
  return signal.aborted ? 130 : 0;
};
