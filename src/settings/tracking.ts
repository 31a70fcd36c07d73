/**
 * @module settings/tracking
 *
 * Settings of what is recorded while a network trains.
 */
import type { Row } from './row.js';

export const TRACKING = {
  track: {
    kind: 'list',
    metavar: 'fisher,variance',
    commands: ['train'],
    group: 'training',
    help: 'record the Fisher, and the variance of its estimators with bounds, of each layer while it trains',
    long: 'In closed form over a fixed sample of the held-out inputs, before the first step and after every `trackEvery`-th, into the folder of `run`. Variances need no labels but several passes; the share of the time is stated.',
  },
  trackEvery: {
    kind: 'integer',
    min: 1,
    commands: ['train'],
    group: 'training',
    metavar: 'N',
    unit: 'steps',
    help: 'how often to record',
    defaultText: '20 records in all',
  },
  trackInputs: {
    kind: 'integer',
    min: 20,
    commands: ['train'],
    group: 'training',
    metavar: 'N',
    help: 'held-out inputs to record over',
    defaultText: '200',
  },
} as const satisfies Record<string, Row>;
