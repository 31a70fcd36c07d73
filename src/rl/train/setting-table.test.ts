/** Settings of a run: every range is kept, and said with the setting's name and what it got. */
import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { presetFor } from '../presets/index.js';
import { type Override, parseOverrides, withOverrides } from './overrides.js';
import { checkSettings, RUN_SETTINGS } from './setting-table.js';
import type { TrainSettings } from './settings.js';

const { settings: preset } = presetFor('ppo', 'CartPole-v1');
const good: TrainSettings = { ...preset, environment: 'CartPole-v1', algorithm: 'ppo', steps: 100, seed: 0 };
const complaintOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof FimError) return error.complaint;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('checkSettings', () => {
  it.each([
    ['discount', 1.5],
    ['discount', -1],
    ['discount', NaN],
    ['lambda', 2],
    ['lambda', -1],
    ['horizon', 2.5],
    ['horizon', 0],
    ['environments', 100_000_000],
    ['environments', 0],
    ['steps', 0],
    ['hidden', [0]],
    ['hidden', [1_000_000, 1_000_000]],
    ['hidden', [16_000, 16_000]],
    ['activation', 'tan'],
    ['value', 'one'],
    ['actions', 'squashed'],
    ['initialLogSigma', 400],
    ['normaliseRewards', 1],
    ['trackFisher', 0.5],
  ])('refuses %s = %s', (name, value) => {
    const c = complaintOf(() => checkSettings({ ...good, [name]: value }));
    expect(c).toMatchObject({ code: 'rl/setting', kind: 'usage' });
    expect(c.rule).toContain(name);
    expect(c.got).toContain(Array.isArray(value) ? value.join('x') : String(value));
  });

  it('knows every setting of a run, takes the ends of ranges, and bounds a segment', () => {
    const listed = [...RUN_SETTINGS.map((s) => s.name), 'environment', 'environmentOptions'];
    for (const name of Object.keys(good)) expect([...listed, 'algorithm', 'seed', 'options']).toContain(name);
    checkSettings({ ...good, discount: 1, lambda: 0, actions: 'mapped' });
    checkSettings({ ...good, discount: 0, hidden: [] });
    const rows = { environments: 65_536, horizon: 65_536 };
    expect(complaintOf(() => checkSettings({ ...good, ...rows })).rule).toContain('environments × horizon');
  });
});

describe('names and values', () => {
  const set = (values: Record<string, Override>, algorithm: 'ppo' | 'trpo' = 'ppo') =>
    withOverrides(algorithm, presetFor(algorithm, 'CartPole-v1').settings, values);

  it.each([
    ['lr', 'learningRate'],
    ['gamma', 'discount'],
    ['gae_lambda', 'lambda'],
    ['n_steps', 'horizon'],
    ['n_envs', 'environments'],
    ['batch_size', 'minibatch'],
    ['ent_coef', 'entropyCoefficient'],
    ['clip_range', 'clip'],
    ['vf_coef', 'valueCoefficient'],
    ['max_grad_norm', 'maxGradNorm'],
    ['n_epochs', 'epochs'],
    ['target_kl', 'targetKl'],
    ['net_arch', 'hidden'],
    ['normalizeObservations', 'normaliseObservations'],
    ['learning-rate', 'learningRate'],
  ])('%s is called %s here', (theirs, ours) => {
    const c = complaintOf(() => set({ [theirs]: '7' }));
    expect(c.cause).toBe(`${theirs} is called ${ours} here`);
    expect(c.next).toBe(`\`set: { ${ours}: 7 }\``);
  });

  it('says where an algorithm has no such option, which are flags, and suggests for slips', () => {
    expect(complaintOf(() => set({ clip_range: 0.1 }, 'trpo')).cause).toContain('and trpo has none');
    expect(complaintOf(() => set({ total_timesteps: 5 })).next).toBe('`steps: 5`');
    expect(complaintOf(() => set({ discuont: 5 })).next).toBe('`set: { discount: … }`');
    expect(complaintOf(() => set({ net_arch: '[64, 32]' })).next).toBe('`set: { hidden: [64, 32] }`');
    expect(complaintOf(() => set({ gamma: '; rm -rf x' })).next).toBe('`set: { discount: … }`');
  });

  it('reads widths however they are written, and says how where it cannot', () => {
    for (const text of ['64x32', '64,32', '[64,32]', '[64, 32]'])
      expect(set(parseOverrides(`hidden=${text}`.split(','))).hidden).toEqual([64, 32]);
    expect(set({ hidden: '16' }).hidden).toEqual([16]);
    expect(complaintOf(() => parseOverrides(['64'])).rule).toContain('64x64');
    expect(complaintOf(() => set({ hidden: '[64' })).rule).toContain('64x64');
    expect(complaintOf(() => parseOverrides(['activation=tanh', '64'])).got).toBe('64');
  });

  it('clipped, which is the default, makes the same run', () => {
    expect(set({ actions: 'clipped' })).toEqual(set({}));
    expect(set({ actions: 'mapped' }).actions).toBe('mapped');
  });
});
