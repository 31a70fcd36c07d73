/**
 * @module cli/environment-rows
 *
 * Rows of the option table for commands that make an environment or play a policy in one.
 */
import type { CommandName } from './commands.js';
import type { OptionSpec } from './option-spec.js';

/** Commands that make one environment, or several of one kind. */
const MAKES = ['rl train', 'rl evaluate', 'rl compare', 'bench-env', 'envs check', 'watch'] as const;

export const ENVIRONMENT_OPTIONS = {
  maxSteps: {
    type: 'integer',
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
    type: 'list',
    metavar: 'NAME=VALUE',
    commands: MAKES,
    group: 'training',
    help: 'an option of the environment, given to its factory',
    long: 'VALUE is a number, true, false, null, a list such as [1,2], or a word. An environment that declares its options refuses others: FrozenLake-v1 and FrozenLake8x8-v1 have isSlippery and map, say. The factory of a module of your own gets all of them as one object, `export default ({ wind = 0 }) => …`. They are settings of a run: one with other options is another run.',
  },
  actions: {
    type: 'choice',
    values: ['likeliest', 'drawn'],
    default: 'likeliest',
    commands: ['rl evaluate'],
    group: 'running',
    help: 'the likeliest action of every state, or one drawn from the policy, as training draws it',
    long: 'A policy that must be random to be good (states that look alike, games) is only itself when it draws. Drawn are logits of discrete actions, and means with log σ of a policy that fim wrote; another library’s file does not say what its scales are.',
  },
} as const satisfies Record<string, OptionSpec<CommandName>>;
