/**
 * @module rl/environment
 *
 * An environment as it is used: dynamics with their checks, time limit, random stream and exact saving.
 *
 *   step      checks the action (rounded to float32 in a float32 Box), moves, counts; `truncated` at the time limit, also where
 *             the same step terminates, as Gymnasium's TimeLimit, and where the dynamics say so
 *   stepInto  the same into the caller's memory, without allocation and without `info`
 *
 * Cost: about 20 ns over the bare dynamics.
 */
import type { FimError } from '../core/errors.js';
import { Sequence, type SequenceState } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { badAction, badState, notRunning, otherEnvironment } from './complaints.js';
import { badNumber, badReturn, type Moment, type Part, threw } from './faults.js';
import { spaceOf } from './guard.js';
import { packSaved, unpackSaved } from './saved.js';
import { allocateFor, contains, describeSpace, lengthOf, startOf } from './spaces.js';
import type {
  Action,
  Dynamics,
  EnvironmentSpec,
  Info,
  Outcome,
  ResetOptions,
  ResetResult,
  Space,
  StepBuffer,
  StepResult,
} from './types.js';

/**
 * An environment as an algorithm sees it: Gymnasium's `reset` and `step` over dynamics, with action checks, time limit and random stream.
 */
export class Environment {
  /** What an observation can be. */
  readonly observationSpace: Space;
  /** What an action can be. */
  readonly actionSpace: Space;
  /** Steps taken in this episode. */
  steps = 0;
  private phase: Phase = 'new';
  private random: Sequence | null = null;
  private readonly limit: number;
  private readonly size: number;
  private readonly single: boolean;
  private readonly action: Float64Array | Float32Array;
  private readonly choices: number;
  private readonly first: number;
  private readonly outcome: Outcome = { reward: 0, terminated: false, truncated: false };
  /** Environments that step together, for the count in complaints. */
  companions = 1;
  /** Steps since the first reset, where the dynamics are watched. */
  private taken = 0;

  /**
   * Throws `rl/space` for a space that is none. `watched`, the name of the user's file or environment, has every call of the dynamics
   * looked at: what it throws, returns or computes that is no number is said as theirs (rl/faults).
   */
  constructor(
    /** Name and time limit. */
    readonly spec: EnvironmentSpec,
    /** The dynamics as their author wrote them. */
    readonly dynamics: Dynamics,
    private readonly watched: string | null = null,
  ) {
    this.observationSpace = spaceOf(dynamics.observationSpace, `${watched ?? spec.id}: observationSpace`);
    this.actionSpace = spaceOf(dynamics.actionSpace, `${watched ?? spec.id}: actionSpace`);
    if (watched !== null) Object.preventExtensions(this.outcome);
    this.size = lengthOf(this.observationSpace);
    this.single = this.observationSpace.kind === 'box' && this.observationSpace.dtype === 'float32';
    this.limit = spec.maxSteps ?? Infinity;
    this.action = allocateFor(this.actionSpace);
    this.choices = this.actionSpace.kind === 'discrete' ? this.actionSpace.n : 0;
    this.first = this.actionSpace.kind === 'discrete' ? startOf(this.actionSpace) : 0;
  }

  /** Its name, e.g. `CartPole-v1`. */
  get id(): string {
    return this.spec.id;
  }

  /** As complaints name it: the file that it comes from, else its id. */
  get name(): string {
    return this.watched ?? this.id;
  }

  /** Whether step() may be called. */
  get running(): boolean {
    return this.phase === 'running';
  }

  /**
   * Starts an episode. Throws `rl/closed`, `rl/state`, `random/seed`.
   * @throws FimError with `random/sequence`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/not-reset`
   */
  reset(options: ResetOptions = {}): ResetResult {
    const observation = this.fresh();
    this.resetInto(observation, 0, options);
    return { observation, info: this.info() };
  }

  /**
   * Starts an episode; writes the observation to out[offset…].
   * @throws FimError with `random/seed`, `random/sequence`, `rl/closed`, `rl/environment-number`, `rl/environment-returns`,
   * `rl/environment-threw`, `rl/not-reset`, `rl/state`
   */
  resetInto(out: StepBuffer['observation'], offset: number, options?: ResetOptions): void {
    if (this.phase === 'closed') throw notRunning(this.id, 'closed');
    if (options?.seed !== undefined || this.random === null) {
      this.random = new Sequence(options?.seed ?? 0, `environment ${this.id}`, options?.index ?? 0);
    }
    if (options?.state === undefined) this.draw(this.random);
    else this.place(options.state, 'reset({ state })', this.dynamics.startFrom !== undefined);
    this.steps = 0;
    this.phase = 'running';
    this.observeInto(out, offset);
  }

  /**
   * Writes the present observation to out[offset…]. Throws `rl/environment-…` for what the user's own does wrong.
   * @throws FimError with `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`
   */
  observeInto(out: StepBuffer['observation'], offset: number): void {
    if (this.watched === null) {
      this.dynamics.observe(out, offset);
      return;
    }
    let back: unknown;
    try {
      back = this.dynamics.observe(out, offset);
    } catch (error) {
      throw threw(this.moment, 'observe', error);
    }
    if (typeof back === 'object') this.returned('observe', back);
    let zero = 0;
    for (let i = 0, at = offset; i < this.size; i++, at++) zero += out[at] * 0;
    if (zero !== 0) throw this.badObservation(out, offset);
    const space = this.observationSpace;
    if (space.kind === 'discrete' && !contains(space, out, offset)) throw this.badObservation(out, offset);
  }

  private draw(random: Sequence): void {
    let back: unknown;
    try {
      back = this.dynamics.reset(random);
    } catch (error) {
      throw this.watched === null ? error : threw(this.moment, 'reset', error);
    }
    if (this.watched !== null && typeof back === 'object') this.returned('reset', back);
  }

  private returned(part: Part, back: unknown): void {
    const bad = badReturn(this.moment, part, back);
    if (bad !== null) throw bad;
  }

  private get moment(): Moment {
    const { taken, companions, random } = this;
    const before = companions > 1 ? Math.min(random?.index ?? 0, companions - 1) : 0;
    return { name: this.name, steps: taken * companions + before, random };
  }

  private badObservation(out: FloatArray, offset: number): FimError {
    const values = Array.from(out.subarray(offset, offset + this.size));
    const bad = Math.max(
      0,
      values.findIndex((v) => !Number.isFinite(v)),
    );
    const space = this.observationSpace;
    const rule = Number.isFinite(values[bad])
      ? `observations are in ${describeSpace(space)}`
      : 'observations are finite numbers';
    return badNumber(this.moment, `observation[${bad}]`, values[bad], this.taken, rule);
  }

  /**
   * One step; the observation is a fresh array. Throws `rl/not-reset`, `rl/ended`, `rl/closed`, `rl/action-…`.
   * @throws FimError with `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/environment-number`, `rl/environment-returns`,
   * `rl/environment-threw`, `rl/new`
   */
  step(action: Action): StepResult {
    const out: StepResult = {
      observation: this.fresh(),
      reward: 0,
      terminated: false,
      truncated: false,
      info: NOTHING,
    };
    this.stepInto(action, out);
    out.info = this.info();
    return out;
  }

  /**
   * One step into `out`.
   * @throws FimError with `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`, `rl/ended`, `rl/environment-number`,
   * `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`
   */
  stepInto(action: Action, out: StepBuffer): void {
    if (typeof action !== 'number' && action?.length !== this.action.length && this.phase === 'running') {
      throw badAction(this.id, this.actionSpace, action);
    }
    if (this.phase !== 'running') throw notRunning(this.id, this.phase);
    this.take(action);
    this.move();
    out.reward = this.outcome.reward;
    out.terminated = this.outcome.terminated;
    out.truncated = this.truncated;
    this.observeInto(out.observation, 0);
  }

  /**
   * One step of row `row` of `actions`, all of which the caller has checked, without observing: for loops over many environments.
   * The outcome is valid until the next step; `truncated` says whether the episode was cut.
   * @throws FimError with `rl/closed`, `rl/ended`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`,
   * `rl/not-reset`
   */
  advanceRow(actions: ArrayLike<number>, row: number): Outcome {
    if (this.phase !== 'running') throw notRunning(this.id, this.phase);
    const { action: to } = this;
    const n = to.length;
    for (let i = 0, at = row * n; i < n; i++, at++) to[i] = actions[at];
    this.move();
    return this.outcome;
  }

  /** Whether the last step reached the time limit, or the dynamics cut the episode themselves. */
  get truncated(): boolean {
    return this.steps >= this.limit || this.outcome.truncated === true;
  }

  /** Steps by the action in place. */
  private move(): void {
    const { outcome } = this;
    outcome.reward = 0;
    outcome.terminated = false;
    outcome.truncated = false;
    if (this.watched === null) this.dynamics.step(this.action, outcome, this.random as Sequence);
    else this.watchedStep(outcome);
    this.steps++;
    if (outcome.terminated || outcome.truncated || this.steps >= this.limit) this.phase = 'ended';
  }

  private watchedStep(outcome: Outcome): void {
    let back: unknown;
    try {
      back = this.dynamics.step(this.action, outcome, this.random as Sequence);
    } catch (error) {
      throw threw(this.moment, 'step', error);
    }
    if (typeof back === 'object') this.returned('step', back);
    this.taken++;
    outcome.terminated = !!outcome.terminated;
    outcome.truncated = !!outcome.truncated;
    if (typeof outcome.reward !== 'number' || outcome.reward * 0 !== 0) {
      throw badNumber(this.moment, 'reward', outcome.reward, this.taken, 'rewards are finite numbers');
    }
  }

  /** Checks an action and copies it into place. */
  private take(action: Action): void {
    const { action: to, choices, first } = this;
    if (choices > 0) {
      const a = typeof action === 'number' ? action : action[0];
      if (!(a >= first && a < first + choices && Math.floor(a) === a))
        throw badAction(this.id, this.actionSpace, a);
      to[0] = a;
      return;
    }
    if (typeof action === 'number') throw badAction(this.id, this.actionSpace, action);
    const n = to.length;
    let zero = 0;
    for (let i = 0; i < n; i++) {
      to[i] = action[i];
      zero += to[i] * 0;
    }
    if (zero !== 0) throw badAction(this.id, this.actionSpace, action);
  }

  /**
   * The physical state [state size]: Gymnasium's `state` for classic control, the index for tabular, mjSTATE_INTEGRATION for MuJoCo.
   * @throws FimError with `rl/closed`, `rl/not-reset`
   */
  getState(): Float64Array {
    if (this.phase === 'closed') throw notRunning(this.id, 'closed');
    return this.dynamics.readState?.() ?? (this.dynamics.state as Float64Array).slice();
  }

  /**
   * Sets the physical state alone; clears the end of the episode and counts steps from 0. Throws `rl/state`.
   * @throws FimError with `random/seed`, `random/sequence`, `rl/closed`, `rl/not-reset`
   */
  setState(state: ArrayLike<number>): void {
    if (this.phase === 'closed') throw notRunning(this.id, 'closed');
    this.random ??= new Sequence(0, `environment ${this.id}`, 0);
    this.place(state, 'setState(state)', false);
    this.steps = 0;
    this.phase = 'running';
  }

  private place(state: ArrayLike<number>, where: string, start: boolean): void {
    const { dynamics } = this;
    const values = Float64Array.from(state);
    const expected = this.getState().length;
    if (!values.every(Number.isFinite)) throw badState(this.id, where, '', state);
    if (start) {
      dynamics.startFrom?.(values);
      return;
    }
    if (values.length !== expected) throw badState(this.id, where, String(expected), state);
    if (dynamics.writeState) dynamics.writeState(values);
    else (dynamics.state as Float64Array).set(values);
  }

  /**
   * Everything as plain data: state, step counter, end of the episode, random stream.
   * @throws FimError with `rl/closed`, `rl/not-reset`
   */
  snapshot(): Snapshot {
    return {
      id: this.id,
      steps: this.steps,
      phase: this.phase,
      random: this.random?.state() ?? null,
      state: this.getState(),
      memory: this.dynamics.memory?.slice() ?? new Float64Array(0),
      ...(this.taken > 0 ? { taken: this.taken } : {}),
    };
  }

  /**
   * Goes on exactly where `snapshot` stood. Throws `rl/saved` for one of another environment.
   * @throws FimError with `random/seed`, `random/sequence`, `rl/closed`, `rl/not-reset`, `rl/state`
   */
  restore(snapshot: Snapshot): void {
    if (this.phase === 'closed') throw notRunning(this.id, 'closed');
    if (snapshot.id !== this.id) throw otherEnvironment(this.id, snapshot.id);
    this.place(snapshot.state, 'load(bytes)', false);
    this.dynamics.memory?.set(snapshot.memory);
    this.random = snapshot.random === null ? null : Sequence.from(snapshot.random);
    this.steps = snapshot.steps;
    this.phase = snapshot.phase;
    this.taken = snapshot.taken ?? 0;
    this.outcome.truncated = false;
  }

  /**
   * `snapshot` as bytes.
   * @throws FimError with `rl/closed`, `rl/not-reset`
   */
  save(): Uint8Array {
    const { state, memory, ...header } = this.snapshot();
    return packSaved({ kind: 'environment', header, arrays: { state, memory } });
  }

  /**
   * `restore` from the bytes of `save`. Throws `rl/saved` for bytes of something else.
   * @throws FimError with `random/seed`, `random/sequence`, `rl/closed`, `rl/not-reset`, `rl/state`
   */
  load(bytes: Uint8Array): void {
    const { header, arrays } = unpackSaved(bytes, 'environment', `${this.id}: load(bytes)`);
    const { state, memory } = arrays;
    this.restore({ ...(header as Omit<Snapshot, 'state' | 'memory'>), state, memory });
  }

  /** A picture of the present state as an SVG document; null where the environment draws none. */
  render(): string | null {
    return this.dynamics.render?.() ?? null;
  }

  /** Frees what is not garbage-collected. Closing twice does nothing. */
  close(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.dynamics.close?.();
  }

  /** Memory for one observation. */
  private fresh(): FloatArray {
    return this.single ? new Float32Array(this.size) : new Float64Array(this.size);
  }

  private info(): Info {
    return this.dynamics.info?.() ?? NOTHING;
  }
}

const NOTHING: Info = Object.freeze({});

/** `new` before the first reset, `running` within an episode, `ended` after one, `closed` for good. */
export type Phase = 'new' | 'running' | 'ended' | 'closed';

/** An environment as plain data. */
export interface Snapshot {
  /** Name of the environment. */
  readonly id: string;
  /** Steps taken in this episode. */
  readonly steps: number;
  /** Where it stands. */
  readonly phase: Phase;
  /** The random stream; null before the first reset. */
  readonly random: SequenceState | null;
  /** The physical state [state size]. */
  readonly state: Float64Array;
  /** What the dynamics remember beside their state [memory size]. */
  readonly memory: Float64Array;
  /** Steps since the first reset, of a user's own. */
  readonly taken?: number;
}
