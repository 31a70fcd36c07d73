/**
 * @module cli/commands/reproduce
 *
 * `fim reproduce STUDY`: a study of the papers again, with its results and figures in a folder.
 */
import { FimError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import type { ExitCode } from '../../core/errors.js';
import type { Context, Run } from '../command.js';
import { reproduceRank1 } from '../reproduce/rank1.js';
import { reproduceRank1Cost } from '../reproduce/rank1-cost.js';
import { reproduceRank1Theory } from '../reproduce/rank1-theory.js';
import { reproduceToy } from '../reproduce/toy.js';
import { reproduceVariance } from '../reproduce/variance.js';

const STUDIES: Readonly<Record<string, (context: Context<'reproduce'>) => Promise<ExitCode>>> = {
  variance: reproduceVariance,
  'natural-gradient-toy': reproduceToy,
  'rank1-theory': reproduceRank1Theory,
  'rank1-cost': reproduceRank1Cost,
  rank1: reproduceRank1,
};

/** `fim reproduce STUDY`. Throws `usage/study`. */
export const run: Run<'reproduce'> = async (context) => {
  const name = context.positionals.study;
  const study = Object.hasOwn(STUDIES, name) ? STUDIES[name] : undefined;
  if (study) return study(context);
  const names = Object.keys(STUDIES);
  throw new FimError({
    code: 'usage/study',
    kind: 'usage',
    where: `fim reproduce ${name}`,
    rule: `studies are ${names.join(', ')}`,
    ...didYouMean(name, names),
  });
};
