/**
 * @module rl/check
 *
 * Finds the usual mistakes in an environment of one's own by playing it: observations outside their space or not numbers, an
 * observation written to the wrong place, a reset or a step that does not draw from the stream it is given, state that lives
 * outside what is saved or is shared between two of them, rewards that are not finite, a step that is async or returns what it should
 * set. Cost: about 4 × `steps` steps. It plays with the dynamics: reset the environment afterwards.
 */
import { Sequence } from '../core/random.js';
import { FimError } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import { type Find, noteFields, noteSizes, noteSpaces, type Sizes } from './check-notes.js';
import { type Seen, spied } from './check-spy.js';
import { Environment } from './environment.js';
import { likeliestField, OUTCOME_FIELDS, threw } from './faults.js';
import { allocateFor, contains, describeSpace, lengthOf, startOf as firstOf } from './spaces.js';
import type { Space } from './types.js';

/** Something that a check found. */
export interface Finding {
  /** A `mistake` makes results wrong or void; a `note` may be meant so. */
  readonly kind: 'mistake' | 'note';
  /** Stable identifier of the finding. */
  readonly code: string;
  /** What was found, and what to do. */
  readonly text: string;
}

/** How an environment is checked. */
export interface CheckOptions {
  /** Steps played in each of the passes. Default 200. */
  steps?: number;
  /** Seed of its random stream and of the actions; default 0. */
  seed?: number;
  /** A second one from another call of the same factory: they must not share state. */
  another?: Environment;
}

/**
 * One entry a kind of finding, none for a good environment. What the environment itself throws is a finding too.
 * @throws FimError with `random/seed`, `random/sequence`
 */
export function checkEnvironment(env: Environment, options: CheckOptions = {}): Finding[] {
  const { steps = 200, seed = 0, another } = options;
  const findings = new Map<string, Finding>();
  const find: Find = (code, text, kind = 'mistake') => {
    if (!findings.has(code)) findings.set(code, { kind, code, text });
  };
  noteSpaces(env.actionSpace, find);
  noteFields(env.dynamics, find);
  const { dynamics, seen } = spied(env.dynamics);
  try {
    checkPlay(new Environment(env.spec, dynamics), { steps, seed, another, seen }, find);
  } catch (error) {
    // What fim itself refuses (an action, a state) is said as it is.
    const said =
      error instanceof FimError
        ? error
        : threw({ name: env.name, steps: seen.steps, random: new Sequence(seed, 'check') }, seen.part, error);
    const { where, rule, got } = said.complaint;
    find('throws', `${where}: ${rule}${got === undefined ? '' : ` (${got})`}`);
  }
  sayReturns(seen, find);
  const list = [...findings.values()];
  return [...list.filter((f) => f.kind === 'mistake'), ...list.filter((f) => f.kind === 'note')];
}

interface Playing {
  readonly steps: number;
  readonly seed: number;
  readonly another: Environment | undefined;
  readonly seen: Seen;
}

function checkPlay(env: Environment, { steps, seed, another, seen }: Playing, find: Find): void {
  checkOffset(env, seed, seen, find);
  // A promise is no outcome yet: what is played after it means nothing.
  if ([...seen.returned.keys()].some((code) => code.endsWith('async'))) return;
  const sizes: Sizes = { reward: 0, observation: 0, rewarded: 0, steps: 0 };
  const first = play(env, seed, steps, find, sizes);
  if ([...seen.returned.keys()].some((code) => code.endsWith('async'))) return;
  const again = play(env, seed, steps, () => {});
  const by = seen.mathRandom > 0 ? '; it calls Math.random' : '';
  if (!sameNumbers(first.start, again.start)) {
    find(
      'reset-seed',
      `two resets with one seed differ: draw the start from the stream that reset is given${by}`,
    );
  } else if (!sameNumbers(first.trace, again.trace)) {
    find(
      'step-seed',
      `the same seed and actions lead elsewhere: step draws from somewhere else, or reset leaves something behind${by}`,
    );
  } else if (another !== undefined) checkShared(env, another, { seed, steps, alone: first.trace }, find);
  const others = [1, 2, 3, 4].map((k) => startOf(env, seed + k));
  if (others.every((s) => sameNumbers(s, first.start))) {
    find('reset-fixed', 'every seed starts in the same state', 'note');
  }
  checkRestore(env, seed, steps, by, find);
  if (env.spec.maxSteps === null && !first.ended) {
    find(
      'endless',
      `no episode ended in ${steps} random steps and there is no time limit: give maxSteps if a policy may go on for ever`,
      'note',
    );
  }
  noteSizes(sizes, env.observationSpace, find);
}

/** What the calls gave back and set. */
function sayReturns(seen: Seen, find: Find): void {
  for (const [code, text] of seen.returned) find(code, text);
  for (const name of seen.stray) {
    find(
      'outcome-field',
      `step sets outcome.${name}, which nothing reads: an outcome has ${OUTCOME_FIELDS.join(', ')}; did you mean outcome.${likeliestField(name)}?`,
    );
  }
}

/** Two of one factory: what one does may change nothing in the other. */
function checkShared(
  env: Environment,
  another: Environment,
  { seed, steps, alone }: { seed: number; steps: number; alone: readonly number[] },
  find: Find,
): void {
  const other = new Environment(another.spec, another.dynamics);
  const random = new Sequence(seed, 'checkEnvironment/another');
  const meanwhile = (): void => {
    if (!other.running) other.reset({ seed: seed + 7 });
    other.step(randomAction(other.actionSpace, random));
  };
  let shared = env.dynamics.state !== undefined && env.dynamics.state === another.dynamics.state;
  if (!shared) {
    other.reset({ seed: seed + 7 });
    const together = play(env, seed, steps, () => {}, undefined, meanwhile);
    shared = !sameNumbers(alone, together.trace);
  }
  if (shared) {
    find(
      'shared-state',
      'two calls of the factory share state: what one environment does changes the other; make the state inside the factory',
    );
  }
}

/**
 * A random action [width]; a Box without bounds gets standard normals.
 * @throws FimError with `random/sequence`
 */
export function randomAction(space: Space, random: Sequence): Float64Array {
  if (space.kind === 'discrete') return Float64Array.of(firstOf(space) + random.integer(space.n));
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
function play(
  env: Environment,
  seed: number,
  steps: number,
  find: Find,
  sizes?: Sizes,
  meanwhile: () => void = () => {},
) {
  const random = new Sequence(seed, 'checkEnvironment');
  const start = startOf(env, seed);
  look(env, env.reset({ seed }).observation, 'reset', find);
  const trace: number[] = [];
  let ended = false;
  for (let t = 0; t < steps; t++) {
    meanwhile();
    const r = env.step(randomAction(env.actionSpace, random));
    look(env, r.observation, `step ${t + 1}`, find);
    if (typeof r.reward !== 'number' || !Number.isFinite(r.reward))
      find(
        'reward',
        `reward ${String(r.reward)} from environment 0 at step ${t + 1}: rewards are finite numbers`,
      );
    if (sizes) measure(sizes, r);
    trace.push(...r.observation, r.reward, Number(r.terminated), Number(r.truncated));
    if (r.terminated || r.truncated) {
      ended = true;
      trace.push(...env.reset().observation);
    }
  }
  return { start, trace, ended };
}

function measure(sizes: Sizes, { reward, observation }: { reward: number; observation: FloatArray }): void {
  sizes.steps++;
  if (reward !== 0) sizes.rewarded++;
  sizes.reward = Math.max(sizes.reward, Math.abs(reward));
  for (const v of observation) sizes.observation = Math.max(sizes.observation, Math.abs(v));
}

function look(env: Environment, observation: FloatArray, when: string, find: Find): void {
  const bad = observation.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    find(
      'observation-nan',
      `observation[${bad}] ${observation[bad]} from environment 0 at ${when}: observations are finite numbers`,
    );
  } else if (!contains(env.observationSpace, observation)) {
    const shown = Array.from(observation.slice(0, 8)).join(', ');
    find('observation-space', `after ${when}, [${shown}] is not in ${describeSpace(env.observationSpace)}`);
  }
}

/** Writes an observation into the middle of a larger array: nothing beside its place may change. */
function checkOffset(env: Environment, seed: number, seen: Seen, find: Find): void {
  const n = lengthOf(env.observationSpace);
  const rows = allocateFor(env.observationSpace, 3).fill(NaN);
  env.resetInto(rows, n, { seed });
  const outside = [...rows.slice(0, n), ...rows.slice(2 * n)];
  if (!outside.every(Number.isNaN) || rows.subarray(n, 2 * n).some(Number.isNaN)) {
    const returns = seen.observeReturns ? '; what it returns is not read' : '';
    find(
      'observe-offset',
      `observe(out, offset) writes ${n} numbers from out[offset] on, and nothing else${returns}`,
    );
  }
}

/** save, play on, load, play the same again. */
function checkRestore(env: Environment, seed: number, steps: number, by: string, find: Find): void {
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
      `after load() the same actions lead elsewhere: something outside state and memory changes the future${by}`,
    );
  }
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
