/**
 * @module rl/check-notes
 *
 * Notes on an environment name what is no mistake but makes it hard to learn, or is not read: actions far from ±1, one action, rewards that are
 * always 0 or huge, observations of a size that no preset expects, fields that nothing reads.
 */
import { setting } from '../core/settings/reference.js';
import { nearest } from '../core/suggest.js';
import { DYNAMICS_FIELDS } from './guard.js';
import { describeSpace } from './spaces.js';
import type { Dynamics, Space } from './types.js';

/** Takes down a finding, a mistake unless said otherwise. */
export type Find = (code: string, text: string, kind?: 'mistake' | 'note') => void;

/** A Box whose half-width is outside these, or whose middle is further from 0, is far from ±1. */
const WIDEST = 5;
const NARROWEST = 0.1;
/** Rewards and observations beyond these want a normaliser. */
const LARGE_REWARD = 1000;
const LARGE_OBSERVATION = 1000;

/** Largest absolute values that were seen, and how many rewards were not 0. */
export interface Sizes {
  reward: number;
  observation: number;
  rewarded: number;
  steps: number;
}

export function noteSpaces(action: Space, find: Find): void {
  if (action.kind === 'discrete') {
    if (action.n === 1) find('one-action', 'there is one action only, so nothing to choose', 'note');
    return;
  }
  for (let i = 0; i < action.size; i++) {
    const [low, high] = [action.low[i], action.high[i]];
    if (!Number.isFinite(low) || !Number.isFinite(high)) continue;
    const [half, middle] = [(high - low) / 2, (high + low) / 2];
    if (half >= NARROWEST && half <= WIDEST && Math.abs(middle) <= WIDEST) continue;
    find(
      'action-scale',
      `the action space ${describeSpace(action)} is far from ±1: a policy begins with draws of 0 ± 1 and is clipped to the Box; let the action be in ±1 and scale it inside step, or have −1 … 1 mapped onto the Box (${setting('set', { actions: 'mapped' })})`,
      'note',
    );
    return;
  }
}

export function noteSizes(sizes: Sizes, observation: Space, find: Find): void {
  if (sizes.steps > 0 && sizes.rewarded === 0)
    find('no-reward', `every reward of ${sizes.steps} random steps was 0: is outcome.reward set?`, 'note');
  if (sizes.reward > LARGE_REWARD)
    find(
      'reward-scale',
      `rewards reach ${sizes.reward.toPrecision(2)}: ${setting('set', { normaliseRewards: true })}, or smaller rewards, or nothing may be learned`,
      'note',
    );
  if (observation.kind === 'box' && sizes.observation > LARGE_OBSERVATION)
    find(
      'observation-scale',
      `observations reach ${sizes.observation.toPrecision(2)}: ${setting('set', { normaliseObservations: true })}, or smaller numbers`,
      'note',
    );
}

/** What belongs beside the factory, not into the dynamics. */
const BESIDE = ['maxSteps', 'threshold', 'id'];

/** Of plain objects: a class has fields of its own. */
export function noteFields(dynamics: Dynamics, find: Find): void {
  if (Object.getPrototypeOf(dynamics) !== Object.prototype) return;
  const known = DYNAMICS_FIELDS as readonly string[];
  for (const name of Object.keys(dynamics)) {
    if (known.includes(name)) continue;
    if (BESIDE.includes(name)) {
      find(
        'unread-field',
        `${name} is not read from the dynamics: export default { factory, ${name}: … }, or give it to register`,
        'note',
      );
      continue;
    }
    const near = nearest(name, known);
    if (near === null || Math.abs(near.length - name.length) > 2 || name.length < 4) continue;
    find('unread-field', `${name} is not read: did you mean ${near}?`, 'note');
  }
}
