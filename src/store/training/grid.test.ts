/** A comparison from JSON: what it means, and what is not let through. */
import { describe, expect, it } from 'vitest';
import { presetFor } from '../../rl/presets/index.js';
import { makespan } from './compare.js';
import { type Comparison, jobsOf, settingsOf, sharedGroups } from './grid.js';
import { readComparison } from './grid-file.js';

const SPEC = {
  arms: [
    'ppo',
    {
      name: 'a2c-control',
      algorithm: 'a2c',
      set: { critic: 'separate', optimiser: 'sgd', learningRate: 0.5 },
      environments: { 'Acrobot-v1': { learningRate: 0.25 } },
    },
  ],
  environments: ['CartPole-v1', { id: 'Acrobot-v1', steps: 2000, set: { discount: 0.9, hidden: [8] } }],
  steps: 1000,
  seeds: [3, 7],
};
const read = (changes: object): Comparison => readComparison({ ...SPEC, ...changes }, 'spec.json');

describe('readComparison', () => {
  it('reads arms, environments, steps and seeds', () => {
    const { title, arms, environments, seeds } = read({});
    expect(title).toBe('ppo, a2c-control in CartPole-v1, Acrobot-v1');
    expect(arms.map((a) => [a.name, a.algorithm])).toEqual([
      ['ppo', 'ppo'],
      ['a2c-control', 'a2c'],
    ]);
    expect(environments.map((e) => [e.id, e.steps])).toEqual([
      ['CartPole-v1', 1000],
      ['Acrobot-v1', 2000],
    ]);
    expect(seeds).toEqual([3, 7]);
    expect(read({ seeds: 3 }).seeds).toEqual([0, 1, 2]);
  });

  it.each([
    ['a misspelt name', { enviroments: [] }, 'did you mean "environments"?'],
    ['an algorithm that is none', { arms: ['pp'] }, 'did you mean "ppo"?'],
    ['an arm without an algorithm', { arms: [{ name: 'x' }] }, 'spec.json: arms[0]: algorithm: is a word'],
    ['a name that is no folder', { arms: [{ name: '../x', algorithm: 'ppo' }] }, 'begins with a letter'],
    ['two arms of a name', { arms: ['ppo', { algorithm: 'ppo' }] }, 'ppo twice'],
    ['two arms that a file system confuses', { arms: ['ppo', { name: 'PPO', algorithm: 'ppo' }] }, 'twice'],
    [
      'settings for an environment that is not compared',
      { arms: [{ algorithm: 'ppo', environments: { 'Acrobot-v0': {} } }] },
      'did you mean "Acrobot-v1"?',
    ],
    [
      'an environment twice',
      { environments: ['CartPole-v1', 'Acrobot-v1', 'CartPole-v1'] },
      'CartPole-v1 twice',
    ],
    ['no steps', { steps: undefined }, 'has steps, of its own or for all'],
    ['half a step', { steps: 0.5 }, 'spec.json: steps: is a whole number, at least 1'],
    ['no seed', { seeds: 0 }, 'is a whole number, at least 1'],
    ['more seeds than one can run', { seeds: 1001 }, 'is at most 1000 seeds'],
    ['seeds without end', { seeds: 2 ** 53 - 1 }, 'is at most 1000 seeds'],
    ['an empty list of seeds', { seeds: [] }, 'is a number of seeds, or a list of them'],
    ['a seed twice', { seeds: [1, 1] }, '1 twice'],
    ['a reference that is no arm', { reference: 'a2c-contro' }, 'did you mean "a2c-control"?'],
    ['a setting that is no value', { arms: [{ algorithm: 'ppo', set: { lambda: null } }] }, 'got:   null'],
    ['a list in place of all', [], 'is a JSON object'],
  ])('refuses %s', (_, changes, says) => {
    const value = Array.isArray(changes) ? changes : { ...SPEC, ...changes };
    expect(() => readComparison(value, 'spec.json')).toThrow(says);
  });
});

describe('settingsOf', () => {
  const comparison = read({});
  const [, control] = comparison.arms;
  const [cartPole, acrobot] = comparison.environments;

  it('lays the environment over the preset, the arm over that, the arm in the environment over all', () => {
    const preset = presetFor('a2c', 'Acrobot-v1').settings;
    expect(settingsOf(comparison, control, acrobot, 3)).toEqual({
      ...preset,
      environment: 'Acrobot-v1',
      algorithm: 'a2c',
      steps: 2000,
      seed: 3,
      discount: 0.9,
      hidden: [8],
      options: { ...preset.options, critic: 'separate', optimiser: 'sgd', learningRate: 0.25 },
    });
    expect(settingsOf(comparison, control, cartPole, 3).options.learningRate).toBe(0.5);
  });

  it('says where a setting is none, and which environment is none', () => {
    const wrong = read({ arms: [{ algorithm: 'ppo', set: { learningrate: 1 } }] });
    expect(() => settingsOf(wrong, wrong.arms[0], cartPole, 0)).toThrow(
      /^ppo in CartPole-v1: training settings: is one of [^]*`set: \{ learningRate:/,
    );
    const nowhere = read({ arms: ['ppo'], environments: ['CartPole-v2'] });
    expect(() => jobsOf(nowhere, 'out')).toThrow('CartPole-v1');
  });
});

describe('jobsOf', () => {
  it('has every run once, in a folder of its own', () => {
    const jobs = jobsOf(read({}), 'out');
    expect(new Set(jobs.map((j) => j.folder)).size).toBe(8);
    expect(jobs.map((j) => j.seed)).toEqual([3, 3, 3, 3, 7, 7, 7, 7]);
    expect(jobs[1].folder).toBe('out/runs/a2c-control/CartPole-v1/3');
  });
});

describe('sharedGroups', () => {
  const arm = (name: string, set: object) => ({ name, algorithm: 'ppo', set });

  it('are arms with the same networks and as many environments, everywhere', () => {
    const arms = [
      arm('a', { environments: 8 }),
      arm('b', { environments: 8, learningRate: 0.1, horizon: 7 }),
      arm('c', { environments: 4 }),
      arm('d', { environments: 8, hidden: [3] }),
      { ...arm('e', { environments: 8 }), environments: { 'Acrobot-v1': { value: 'shared' } } },
    ];
    expect(sharedGroups(read({ arms }))).toEqual([['a', 'b']]);
  });
});

describe('makespan', () => {
  it('is when the last thread is done, each taking the next of the list', () => {
    const runs = [5, 4, 3, 3, 3].map((seconds) => ({ seconds }));
    expect([1, 2, 3, 9].map((workers) => makespan(runs, workers))).toEqual([18, 10, 7, 5]);
    expect(makespan([], 2)).toBe(0);
  });
});
