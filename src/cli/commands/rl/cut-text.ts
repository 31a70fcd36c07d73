/**
 * @module cli/commands/rl/cut-text
 *
 * Sentences about episodes that evaluation itself ended.
 */
import { EVALUATION_LIMIT, type EvaluationFigure } from '../../../rl/train/evaluate.js';

const comma = (n: number): string => n.toLocaleString('en-US');

/** `20 episodes, all cut at 10,000 steps: …`; null where every episode ended by itself. */
export function cutText({ episodes, cut }: Pick<EvaluationFigure, 'episodes' | 'cut'>): string | null {
  // Results of older versions do not say.
  if (!(cut > 0)) return null;
  const many = cut === episodes ? 'all' : String(cut);
  const what = episodes === 1 ? '1 episode,' : `${comma(episodes)} episodes, ${many}`;
  return `${what} cut at ${comma(EVALUATION_LIMIT)} steps: the environment has no time limit; give maxSteps / --max-steps`;
}
