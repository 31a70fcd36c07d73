/**
 * @module settings/training
 *
 * Settings of the training of a network on data.
 */
import type { Row } from './row.js';

export const TRAINING = {
  epochs: {
    kind: 'integer',
    min: 1,
    commands: ['train'],
    group: 'training',
    help: 'passes over the training data',
    default: 5,
  },
  optimizer: {
    kind: 'choice',
    choices: ['adam', 'sgd'],
    default: 'adam',
    commands: ['train'],
    group: 'training',
    help: 'update rule',
  },
  learningRate: {
    kind: 'number',
    above: 0,
    commands: ['train'],
    group: 'training',
    help: 'step size',
    defaultText: '0.001 for adam, 0.1 for sgd',
  },
  momentum: {
    kind: 'number',
    min: 0,
    below: 1,
    commands: ['train'],
    group: 'training',
    help: 'momentum of sgd',
    defaultText: '0.9',
    onlyWith: { setting: 'optimizer', values: ['sgd'] },
  },
} as const satisfies Record<string, Row>;
