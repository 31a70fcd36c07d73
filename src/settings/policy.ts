/**
 * @module settings/policy
 *
 * Settings of jobs that make an environment or play, train and compare policies in one.
 */
import { ALGORITHMS, KL_SCALES } from '../rl/algorithms/types.js';
import { ACTING } from '../rl/types.js';
import { MAKES } from './jobs.js';
import type { Row } from './row.js';

export const POLICY = {
  algorithm: {
    kind: 'choice',
    choices: ALGORITHMS,
    default: 'ppo',
    commands: ['rl train'],
    group: 'training',
    help: 'how the policy is improved',
    long: '`reinforce`, `a2c`, `ppo`: policy gradients. `trpo`, `npg`: natural gradient by conjugate gradients, with and without line search. `acktr`: Kronecker-factored. `diagonal`: the diagonal of the Fisher. `smac`: the rank-1 inverse of one sampled score (Sherman–Morrison). `woodbury`: the exact inverse of the batch’s Fisher in its N × N Gram matrix.',
  },
  algorithms: {
    kind: 'list',
    commands: ['rl compare'],
    group: 'study',
    help: 'algorithms to compare, with published settings',
  },
  envs: {
    kind: 'list',
    metavar: 'ENV,…',
    commands: ['rl compare'],
    group: 'study',
    help: 'environments to compare them in, as `fim envs` lists them, or ./env.mjs',
  },
  steps: {
    kind: 'integer',
    min: 1,
    default: 100000,
    commands: ['rl train', 'rl compare'],
    group: 'training',
    help: 'environment steps, all environments together; the last segment is whole',
  },
  maxSteps: {
    kind: 'integer',
    min: 1,
    commands: MAKES,
    group: 'training',
    metavar: 'N',
    unit: 'steps',
    help: 'time limit of an episode, other than the environment’s own',
    defaultText: 'the environment’s',
    long: 'Such an end is a truncation: the value of the last state still counts. An environment without a limit may never end: training then counts no episode, and evaluation cuts at 10,000 steps and says so. It is one of the settings of a run.',
  },
  envSet: {
    kind: 'list',
    metavar: 'NAME=VALUE',
    commands: MAKES,
    group: 'training',
    help: 'an option of the environment, given to its factory',
    long: 'VALUE is a number, true, false, null, a list such as [1,2], or a word. An environment that declares its options refuses others: FrozenLake-v1 and FrozenLake8x8-v1 have isSlippery and map, say. The factory of a module of your own gets all of them as one object, `export default ({ wind = 0 }) => …`. They are settings of a run: one with other options is another run.',
  },
  actions: {
    kind: 'choice',
    choices: ACTING,
    default: 'likeliest',
    commands: ['rl evaluate'],
    group: 'running',
    help: 'the likeliest action of every state, or one drawn from the policy, as training draws it',
    long: 'A policy that must be random to be good (states that look alike, games) is only itself when it draws. Drawn are logits of discrete actions, and means with log σ of a policy that fim wrote; another library’s file does not say what its scales are.',
  },
  set: {
    kind: 'list',
    metavar: 'NAME=VALUE',
    commands: ['rl train', 'rl compare'],
    group: 'training',
    help: 'a setting of the run or an option of the algorithm other than the preset’s',
    long: 'Of the run: environments, horizon, discount, lambda, hidden (64x64), activation, value, initialLogSigma, normaliseObservations, normaliseRewards, actions (clipped, or mapped: −1 … 1 onto the Box). Of the algorithm: learningRate, damping, targetKl, … A name that is none is answered with the list.',
  },
  trackFisher: {
    kind: 'integer',
    min: 1,
    commands: ['rl train', 'rl compare'],
    group: 'training',
    metavar: 'N',
    unit: 'updates',
    help: 'look at the policy’s Fisher at every N-th update',
    defaultText: 'never',
    long: 'Logs its trace with the standard error over trajectories, the effective rank, the share of the top direction that the algorithm’s inverse takes away, and the cosine of the step with the exact natural direction. It costs some 200 products on the segment each time and changes nothing else of the run.',
  },
  klScale: {
    kind: 'choice',
    choices: KL_SCALES,
    commands: ['rl train'],
    group: 'training',
    help: 'what a KL-sized step is measured by: the exact Fisher of the batch, or the damped product of published TRPO',
    defaultText: 'the preset’s: damped for trpo, else exact',
  },
  episodes: {
    kind: 'integer',
    min: 1,
    max: 100000,
    default: 20,
    commands: ['rl evaluate'],
    group: 'running',
    help: 'fresh episodes to play',
  },
  workers: {
    kind: 'integer',
    min: 1,
    max: 1024,
    commands: ['rl train', 'rl compare', 'reproduce'],
    group: 'running',
    help: 'threads that step the environments; the result does not depend on it',
    defaultText: 'one per core where a step is dear enough (MuJoCo), else 1',
    perCommand: {
      'rl compare': {
        help: 'runs at a time; the results do not depend on it',
        defaultText: 'one per core',
      },
    },
  },
  dryRun: {
    kind: 'boolean',
    commands: ['rl compare', 'submit'],
    group: 'running',
    help: 'say what would be run and how long it takes, and stop',
    perCommand: { submit: { help: 'print the scripts, and submit nothing' } },
  },
} as const satisfies Record<string, Row>;
