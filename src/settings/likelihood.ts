/**
 * @module settings/likelihood
 *
 * Settings that say which likelihood, with its parameters and its link.
 */
import { FAMILY_NAMES, familiesWith, LINK_NAMES, LINKED_FAMILIES } from '../likelihood/registry.js';
import { READS_DATA } from './jobs.js';
import type { Row } from './row.js';

export const LIKELIHOOD = {
  likelihood: {
    kind: 'choice',
    choices: FAMILY_NAMES,
    commands: [
      'train',
      'inspect',
      'estimate',
      'compile',
      'variance',
      'forms',
      'plan',
      'spectrum',
      'solve',
      'compare',
      'verify',
    ],
    group: 'likelihood',
    help: 'what the outputs are the natural parameter of',
    defaultText: 'from the file, where fim wrote it there',
    long: 'Never guessed: the Fisher information belongs to a likelihood, not to a network. `categorical`: the outputs are logits of one class in T. `bernoulli`: T independent logits. `gaussian`: the outputs are a mean, with the known variance of `variance`. `gaussian-mv`: means and scales, both from the network. `poisson`: counts. `binomial`: successes in `trials`. `exponential`, `gamma`: positive amounts, the second of known `shape`. `link` says what the outputs of the last five are.',
    perCommand: { train: { defaultText: 'categorical' } },
  },
  variance: {
    kind: 'numbers',
    above: 0,
    aliases: ['sigma2'],
    commands: [
      'train',
      'estimate',
      'compile',
      'variance',
      'forms',
      'plan',
      'spectrum',
      'solve',
      'compare',
      'verify',
    ],
    group: 'likelihood',
    metavar: 'σ²',
    help: 'known variance of the outputs, one for all or one for each; required by the Gaussian likelihood',
    long: 'The Fisher information scales as 1/σ². There is no default, since any would be a hidden scale.',
    onlyWith: { setting: 'likelihood', values: familiesWith('variance') },
  },
  trials: {
    kind: 'integer',
    min: 1,
    max: 2 ** 31,
    commands: [...READS_DATA, 'compile'],
    group: 'likelihood',
    metavar: 'N',
    help: 'number of trials; required by the binomial likelihood',
    onlyWith: { setting: 'likelihood', values: familiesWith('trials') },
  },
  shape: {
    kind: 'number',
    above: 0,
    commands: [...READS_DATA, 'compile'],
    group: 'likelihood',
    metavar: 'K',
    help: 'known shape, so that the variance is mean²/K; required by the gamma likelihood',
    onlyWith: { setting: 'likelihood', values: familiesWith('shape') },
  },
  link: {
    kind: 'choice',
    choices: LINK_NAMES,
    commands: [...READS_DATA, 'inspect', 'compile'],
    group: 'likelihood',
    help: 'what the outputs are',
    defaultText: 'canonical for poisson and binomial, log for exponential and gamma, log-sd for gaussian-mv',
    long: 'Under poisson, exponential and gamma: `log` of the mean, `softplus` (the mean is its softplus), `identity` (the mean itself), `log-rate` (not poisson), `canonical` (the natural parameter: log mean, or −rate). Under gaussian-mv all means come first, then as many scales: `log-sd`, `log-variance`, `softplus` (of which the standard deviation is the softplus), `sd`, `variance`, or `canonical` (μ/σ², then −1/2σ²). A final Exp or Softplus that makes a mean is removed and counts as its link. Files that fim wrote say their own.',
    onlyWith: { setting: 'likelihood', values: LINKED_FAMILIES },
  },
} as const satisfies Record<string, Row>;
