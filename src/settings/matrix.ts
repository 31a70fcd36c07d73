/**
 * @module settings/matrix
 *
 * Settings of what is computed with a Fisher.
 */
import type { Row } from './row.js';

export const MATRIX = {
  top: {
    kind: 'integer',
    min: 0,
    default: 10,
    commands: ['spectrum'],
    group: 'estimate',
    metavar: 'K',
    unit: 'eigenvalues',
    help: 'how many of the largest eigenvalues',
  },
  damping: {
    kind: 'number',
    min: 0,
    commands: ['spectrum', 'solve'],
    group: 'estimate',
    metavar: 'λ',
    help: 'λ that is added to the Fisher, on its scale of a mean over examples',
    long: 'A posterior over n examples is of n times the Fisher and the prior’s precision δ: λ = δ/n, and that n is yours. A factored Fisher is damped as a whole, F + λI, by the eigenvalues of its factors.',
    defaultText: '1e-3 of the mean of the diagonal',
  },
  rhs: {
    kind: 'path',
    extensions: ['.npz', '.safetensors'],
    commands: ['solve'],
    group: 'data',
    help: 'right-hand sides: arrays named as the parameters, or one array [m, P] in their order',
  },
  directions: {
    kind: 'path',
    extensions: ['.npz', '.safetensors'],
    commands: ['verify'],
    group: 'data',
    help: 'further directions: arrays named as the parameters, or one array [m, P] in their order',
  },
  share: {
    kind: 'percent',
    above: 0,
    max: 1,
    default: 0.01,
    commands: ['compare'],
    group: 'estimate',
    help: 'share of the entries of the diagonal whose overlap is told, the largest of each',
  },
} as const satisfies Record<string, Row>;
