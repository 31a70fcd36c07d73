/**
 * @module settings/study
 *
 * Settings of sweeps and studies: what is varied, and how often it is repeated.
 */
import { STUDIES } from './jobs.js';
import type { Row } from './row.js';

export const STUDY = {
  activations: {
    kind: 'list',
    commands: ['sweep'],
    group: 'study',
    help: 'activations to compare; the first is the base point’s',
    defaultText: 'tanh,sigmoid,softplus,log-sigmoid,relu',
  },
  depths: {
    kind: 'integers',
    min: 1,
    commands: ['sweep'],
    group: 'study',
    unit: 'hidden layers',
    help: 'depths to compare; the first is the base point’s',
    defaultText: '3,1,2,5',
  },
  widths: {
    kind: 'integers',
    min: 1,
    commands: ['sweep'],
    group: 'study',
    unit: 'units',
    help: 'widths of the hidden layers to compare; the first is the base point’s',
    defaultText: '32,16,64,128',
  },
  scales: {
    kind: 'list',
    metavar: 'X,X,…',
    commands: ['sweep'],
    group: 'study',
    help: 'factors on the initial weights to compare; the first is the base point’s',
    defaultText: '1,0.25,0.5,2,4',
  },
  afterEpochs: {
    kind: 'integer',
    min: 0,
    commands: ['sweep'],
    group: 'study',
    help: 'train each network for so long before it is looked at',
    default: 0,
  },
  seeds: {
    kind: 'integer',
    min: 1,
    max: 1000,
    commands: [...STUDIES, 'rl compare'],
    group: 'study',
    metavar: 'N',
    help: 'repeat with seeds 0 to N − 1; bands show the spread',
    defaultText: '3; 20 for the toy and rank1-theory',
    perCommand: { 'rl compare': { help: 'repeat with seeds 0 to N − 1', defaultText: '5' } },
  },
  preset: {
    kind: 'choice',
    choices: ['tune', 'hour', 'million', 'full'],
    commands: ['reproduce'],
    group: 'study',
    help: 'how much of rank1 to run',
    defaultText: 'hour',
    long: '`tune`: eight configurations of each arm in hour’s environments at a quarter of its steps, on two seeds apart, into tuning.json. `hour`: all arms, tuned; CartPole at 100,000 steps, Acrobot, Pendulum, Hopper and HalfCheetah at 200,000; five seeds. `million`: PPO and TRPO as published, Hopper and HalfCheetah at a million. `full`: nine environments, MuJoCo at a million.',
  },
  quick: {
    kind: 'boolean',
    commands: STUDIES,
    group: 'study',
    help: 'tiny networks and few inputs: a look at what comes out, in seconds',
  },
} as const satisfies Record<string, Row>;
