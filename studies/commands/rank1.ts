/**
 * @module studies/commands/rank1
 *
 * `npm run study -- rank1 --preset P`: the rank-1 inverse and its rivals, tuned alike and run under the same conditions. A comparison like
 * any other (`fim rl compare`), resumable, in the folder of `--run`.
 */
import { join } from 'node:path';
import type { ExitCode } from 'fim/core';
import { type Comparison, runComparison, scoresOf, writeJson } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { startProgress } from '../face/fill.js';
import { comparisonOf, PRESETS, TUNED, TUNING_SEEDS } from '../rank1/scale.js';
import { TUNED_CONFIGURATIONS } from '../rank1/tuned.js';
import { chooseConfigurations, tuningComparison } from '../rank1/tuning.js';

export async function reproduceRank1(context: StudyContext): Promise<ExitCode> {
  const { options, stderr } = context;
  const preset = options.preset ?? PRESETS[1];
  const folder = options.run ?? join('runs', `rank1-${preset}`);
  if (preset !== 'tune') return compared(context, comparisonOf(preset, TUNED_CONFIGURATIONS), folder);
  const comparison = tuningComparison(TUNED, TUNING_SEEDS);
  const code = await compared(context, comparison, folder);
  if (code !== 0) return code;
  const path = join(folder, 'tuning.json');
  writeJson(path, chooseConfigurations(TUNED, TUNING_SEEDS, scoresOf(comparison, folder)), 2);
  stderr.write(
    `${path}: the chosen configurations; hour and full run with those of studies/rank1/tuned.ts\n`,
  );
  return 0;
}

/** Runs what remains, and says what is there. 130 where it was interrupted, 3 where runs failed. */
async function compared(context: StudyContext, comparison: Comparison, folder: string): Promise<ExitCode> {
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
