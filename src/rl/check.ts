/**
 * @module rl/check
 *
 * Finds the usual mistakes in an environment of one's own by playing it: observations outside their space or not numbers, an
 * observation written to the wrong place, a reset or a step that does not draw from the stream it is given, state that lives
 * outside what is saved, rewards that are not finite. Cost: about 3 × `steps` steps. It resets the environment.
 */
import { Sequence } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import type { Environment } from './environment.js';
import { allocateFor, contains, describeSpace, lengthOf } from './spaces.js';
import type { Space } from './types.js';

export interface Finding {
  /** A `note` may be meant so. */
  readonly severity: 'mistake' | 'note';
  readonly code: string;
  readonly says: string;
}

export interface CheckOptions {
  /** Steps played in each of the three passes. Default 200. */
  steps?: number;
  seed?: number;
}

/** One entry a kind of mistake, none for a good environment. Throws only what the environment itself throws. */
export function checkEnvironment(env: Environment, options: CheckOptions = {}): Finding[] {
  const { steps = 200, seed = 0 } = options;
  const findings = new Map<string, Finding>();
  const find = (code: string, says: string, severity: Finding['severity'] = 'mistake'): void => {
    if (!findings.has(code)) findings.set(code, { severity, code, says });
  };
  checkOffset(env, seed, find);
  const first = play(env, seed, steps, find);
  const again = play(env, seed, steps, () => {});
  if (!sameNumbers(first.start, again.start)) {
    find('reset-seed', 'two resets with one seed differ: draw the start from the stream that reset is given');
  } else if (!sameNumbers(first.trace, again.trace)) {
    find(
      'step-seed',
      'the same seed and actions lead elsewhere: step draws from somewhere else, or reset leaves something behind',
    );
  }
  const others = [1, 2, 3, 4].map((k) => startOf(env, seed + k));
  if (others.every((s) => sameNumbers(s, first.start))) {
    find('reset-fixed', 'every seed starts in the same state', 'note');
  }
  checkRestore(env, seed, steps, find);
  if (env.spec.maxSteps === null && !first.ended) {
    find('endless', `no episode ended in ${steps} random steps and there is no time limit`, 'note');
  }
  return [...findings.values()];
}

type Find = (code: string, says: string, severity?: Finding['severity']) => void;

/** A random action; a Box without bounds gets standard normals. */
export function randomAction(space: Space, random: Sequence): Float64Array {
  if (space.kind === 'discrete') return Float64Array.of(random.integer(space.n));
  return Float64Array.from({ length: space.size }, (_, i) => {
    const [low, high] = [space.low[i], space.high[i]];
    if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * random.next();
    return Math.min(Math.max(random.normal(), low), high);
  });
}

function startOf(env: Environment, seed: number): Float64Array {
  const { observation } = env.reset({ seed });
  return Float64Array.from([...observation, ...env.getState()]);
}

/** Plays `steps` steps with actions of a fixed stream and keeps every number. */
function play(env: Environment, seed: number, steps: number, find: Find) {
  const random = new Sequence(seed, 'checkEnvironment');
  const start = startOf(env, seed);
  look(env, env.reset({ seed }).observation, 'reset', find);
  const trace: number[] = [];
  let ended = false;
  for (let t = 0; t < steps; t++) {
    const r = env.step(randomAction(env.actionSpace, random));
    look(env, r.observation, `step ${t + 1}`, find);
    if (!Number.isFinite(r.reward)) find('reward', `the reward of step ${t + 1} is ${r.reward}`);
    trace.push(...r.observation, r.reward, Number(r.terminated), Number(r.truncated));
    if (r.terminated || r.truncated) {
      ended = true;
      trace.push(...env.reset().observation);
    }
  }
  return { start, trace, ended };
}

function look(env: Environment, observation: FloatArray, when: string, find: Find): void {
  const nan = observation.findIndex(Number.isNaN);
  if (nan >= 0)
    find('observation-nan', `after ${when}, number ${nan} of the observation is NaN or was not written`);
  else if (!contains(env.observationSpace, observation)) {
    const shown = Array.from(observation.slice(0, 8)).join(', ');
    find('observation-space', `after ${when}, [${shown}] is not in ${describeSpace(env.observationSpace)}`);
  }
}

/** Writes an observation into the middle of a larger array: nothing beside its place may change. */
function checkOffset(env: Environment, seed: number, find: Find): void {
  const n = lengthOf(env.observationSpace);
  const rows = allocateFor(env.observationSpace, 3).fill(NaN);
  env.resetInto(rows, n, { seed });
  const outside = [...rows.slice(0, n), ...rows.slice(2 * n)];
  if (!outside.every(Number.isNaN) || rows.subarray(n, 2 * n).some(Number.isNaN)) {
    find('observe-offset', `observe(out, offset) writes ${n} numbers from out[offset] on, and nothing else`);
  }
}

/** save, play on, load, play the same again. */
function checkRestore(env: Environment, seed: number, steps: number, find: Find): void {
  const random = new Sequence(seed, 'checkEnvironment/restore');
  env.reset({ seed });
  const before = Math.min(steps, 3);
  for (let t = 0; t < before && env.running; t++) env.step(randomAction(env.actionSpace, random));
  if (!env.running) env.reset();
  const bytes = env.save();
  const mark = random.state();
  const tail = (): number[] => {
    random.restore(mark);
    const trace: number[] = [];
    for (let t = 0; t < steps; t++) {
      if (!env.running) trace.push(...env.reset().observation);
      const r = env.step(randomAction(env.actionSpace, random));
      trace.push(...r.observation, r.reward, Number(r.terminated));
    }
    return trace;
  };
  const uninterrupted = tail();
  env.load(bytes);
  if (!sameNumbers(uninterrupted, tail())) {
    find(
      'restore',
      'after load() the same actions lead elsewhere: something outside state and memory changes the future',
    );
  }
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
