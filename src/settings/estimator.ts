/**
 * @module settings/estimator
 *
 * Settings of an estimate of the Fisher: which estimator, how many draws, which error.
 */
import { DRAW_ERRORS, ESTIMATOR_CHOICES, FORMS, POPULATIONS, VISITING_CHOICES } from '../fisher/estimate.js';
import { ROOTS } from '../likelihood/roots/index.js';
import type { Row } from './row.js';

export const ESTIMATOR = {
  estimator: {
    kind: 'choice',
    choices: ESTIMATOR_CHOICES,
    choiceAliases: { mc: 'type1' },
    commands: ['estimate'],
    group: 'estimate',
    help: 'how the expectation over labels is taken',
    defaultText: 'exact where that costs less than sampling to 1 %, else rademacher; the choice is printed',
    long: '`exact`: the closed sum over labels, no label error. `type1` (or `mc`): squared scores of labels sampled from the network itself. `type2`: negative second derivatives at sampled labels; it has no variance where h is piecewise linear in a layer. `mix`: both, weighted per tensor by a pilot. `auto`: for each layer the estimator with the least variance for its cost, by a pilot. `rademacher`: random signs on a root of the output’s information. `empirical`: squared scores of the given targets, which is another matrix and not an estimate of the Fisher information.',
  },
  labels: {
    kind: 'integer',
    min: 1,
    aliases: ['draws'],
    commands: ['estimate'],
    group: 'estimate',
    metavar: 'K',
    unit: 'draws per example',
    help: 'sampled labels, or sign vectors, per example',
    defaultText: '1, or 2 where the error comes from the draws',
    onlyWith: { setting: 'estimator', values: ['type1', 'type2', 'mix', 'rademacher'] },
  },
  root: {
    kind: 'choice',
    choices: ROOTS,
    default: 'eigen',
    commands: ['estimate'],
    group: 'estimate',
    help: 'what random signs are drawn on: eigenvectors of the output’s information, or its classes',
    long: '`eigen`: eigenvectors of the output’s information I(h) up to 256 outputs, and the stick-breaking root beyond; far less variance than `class` where a few classes carry the probability, and none from a lone direction. `class`: one column a class, √p (e − p). Independent outputs have one root, and both words mean it.',
  },
  exactPairs: {
    kind: 'integer',
    min: 0,
    words: ['auto'],
    default: 0,
    commands: ['estimate'],
    group: 'estimate',
    metavar: 'M|auto',
    unit: 'columns of the root',
    help: 'columns of the root that are taken exactly, a backward pass each, with signs on the rest',
    long: '`auto`: as many as pay for themselves, from a forward pass over twenty examples; none where the probabilities are flat.',
  },
  error: {
    kind: 'choice',
    choices: ['auto', ...DRAW_ERRORS],
    default: 'auto',
    commands: ['estimate'],
    group: 'estimate',
    help: 'how the error due to sampled labels is found',
    long: '`closed-form`: its exact variance, at the price of the exact Fisher. `sampled`: from the spread of the draws, which needs two per example; from one only the total error is known. `auto`: in closed form where that is already paid for or cheaper.',
  },
  visits: {
    kind: 'choice',
    choices: VISITING_CHOICES,
    default: 'auto',
    commands: ['estimate'],
    group: 'estimate',
    help: 'which examples are visited where fewer than all are',
    long: '`uniform`: each with the same probability, at most once. `weighted`: by what the outputs of a forward pass over all say that each contributes, with the weights that make it unbiased; of a near-certain network fifty such visits are worth thousands. `auto`: weighted where thirty weighted visits show less variance than uniform ones would have. With fewer `examples` than there are, or a `targetError`.',
  },
  population: {
    kind: 'choice',
    choices: POPULATIONS,
    default: 'distribution',
    commands: ['estimate', 'plan'],
    group: 'estimate',
    help: 'what the mean over examples stands for',
    long: '`distribution`: the data are a sample of the population of interest. `data`: they are all of it, so the data error shrinks with the share that was visited and is 0 at the end.',
  },
  level: {
    kind: 'percent',
    above: 0,
    below: 1,
    default: 0.95,
    commands: ['demo', 'estimate', 'variance'],
    group: 'estimate',
    help: 'confidence level of the intervals',
    perCommand: { variance: { help: 'confidence of the sample sizes' } },
  },
  targetError: {
    kind: 'percent',
    above: 0,
    below: 1,
    commands: ['estimate', 'plan', 'variance'],
    group: 'estimate',
    help: 'visit as many examples and draw as many labels as this relative error of the trace needs',
    perCommand: {
      variance: {
        help: 'relative error that sample sizes are given for, of each block and of its trace',
        long: 'Only said, never spent: `fim plan` gives the same for each estimator of the trace in seconds.',
        defaultText: '10%',
      },
    },
    long: 'Two stages: a pilot finds the variance, then the numbers of examples and labels are fixed and fresh draws are made. It never stops because a result looks good. Where the data are too few, it says how many it would take and ends with exit code 1.',
  },
  form: {
    kind: 'choice',
    choices: FORMS,
    default: 'diagonal',
    commands: ['estimate'],
    group: 'estimate',
    help: 'which entries of the matrix',
  },
} as const satisfies Record<string, Row>;
