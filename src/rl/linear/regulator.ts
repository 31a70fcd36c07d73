/**
 * @module rl/linear/regulator
 *
 * LinearQuadratic-v0: keep a linear system near zero at a quadratic price; every quantity of a linear Gaussian policy is exact
 * (rl/linear/exact).
 *
 *   x′ = A x + B u + w,  w ~ N(0, W)        reward −(xᵀQx + uᵀRu) of the state before the step
 *
 *   action        u [m], any real numbers
 *   state, observation   x [n], float64
 *   end           never terminated; truncated at 100 steps; no threshold
 *   start         every component uniform in ±startRange (1)
 *   options       A, B, Q, R (matrices as rows), noise (W = noise² I), startRange
 *
 * Default: a mass on a rail, A = [[1, 0.1], [0, 1]], B = [[0], [0.1]], Q = diag(1, 0.1), R = [[0.1]], noise 0.05.
 * Nothing is rounded to float32.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { badOption } from '../complaints.js';
import { drawRegulator } from '../render/regulator.js';
import type { EnvironmentOptions } from '../registration.js';
import { unbounded } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';
import type { Matrix } from './matrix.js';

/** x′ = Ax + Bu + noise·ε with cost xᵀQx + uᵀRu, n states and m controls. */
export interface LinearSystem {
  /** A [n, n]. */
  readonly A: Matrix;
  /** B [n, m]. */
  readonly B: Matrix;
  /** Q [n, n], positive semidefinite. */
  readonly Q: Matrix;
  /** R [m, m], positive definite. */
  readonly R: Matrix;
  /** Standard deviation of the noise on every state. */
  readonly noise: number;
  /** Starts are uniform on −startRange … startRange in every state. */
  readonly startRange: number;
}

/** A mass on a line that is pushed: position and speed, steps of 0.1. */
export const DOUBLE_INTEGRATOR: LinearSystem = {
  A: [
    [1, 0.1],
    [0, 1],
  ],
  B: [[0], [0.1]],
  Q: [
    [1, 0],
    [0, 0.1],
  ],
  R: [[0.1]],
  noise: 0.05,
  startRange: 1,
};

/**
 * The linear-quadratic regulator as dynamics: reward −(xᵀQx + uᵀRu), no end of its own.
 * @throws FimError with `rl/space`
 */
export class Regulator implements Dynamics {
  /** The state x, unbounded. */
  readonly observationSpace;
  /** The control u, unbounded. */
  readonly actionSpace;
  readonly state: Float64Array;
  private readonly next: Float64Array;

  constructor(
    /** The matrices of the problem. */
    readonly system: LinearSystem,
  ) {
    this.observationSpace = unbounded(system.A.length);
    this.actionSpace = unbounded(system.R.length);
    this.state = new Float64Array(system.A.length);
    this.next = new Float64Array(system.A.length);
  }

  reset(random: Sequence): void {
    const { startRange } = this.system;
    for (let i = 0; i < this.state.length; i++) this.state[i] = startRange * (2 * random.next() - 1);
  }

  step(action: ArrayLike<number>, outcome: Outcome, random: Sequence): void {
    const { state, next } = this;
    const { A, B, Q, R, noise } = this.system;
    outcome.reward = -(quadratic(Q, state) + quadratic(R, action));
    for (let i = 0; i < state.length; i++) {
      let v = noise > 0 ? noise * random.normal() : 0;
      for (let j = 0; j < state.length; j++) v += A[i][j] * state[j];
      for (let j = 0; j < action.length; j++) v += B[i][j] * action[j];
      next[i] = v;
    }
    state.set(next);
  }

  observe(out: FloatArray, offset: number): void {
    out.set(this.state, offset);
  }

  render(): string {
    return drawRegulator(this.state, this.system.startRange);
  }
}

function quadratic(m: Matrix, x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) sum += x[i] * m[i][j] * x[j];
  return sum;
}

/** Throws `rl/option` where shapes disagree. */
export function regulator(options: EnvironmentOptions): Regulator {
  const system = { ...DOUBLE_INTEGRATOR, ...options };
  const is = (m: unknown, rows: number, columns: number): boolean =>
    Array.isArray(m) &&
    m.length === rows &&
    m.every((r) => Array.isArray(r) && r.length === columns && r.every(Number.isFinite));
  const n = Array.isArray(system.A) ? system.A.length : 0;
  const m = Array.isArray(system.R) ? system.R.length : 0;
  const shaped = is(system.A, n, n) && is(system.B, n, m) && is(system.Q, n, n) && is(system.R, m, m);
  if (n === 0 || m === 0 || !shaped) {
    const rule = 'A [n, n], B [n, m], Q [n, n] and R [m, m] are rows of finite numbers';
    throw badOption('LinearQuadratic-v0', rule, JSON.stringify(options));
  }
  if (!(system.noise >= 0 && system.startRange >= 0)) {
    const got = `${system.noise}, ${system.startRange}`;
    throw badOption('LinearQuadratic-v0', 'noise and startRange are numbers >= 0', got);
  }
  return new Regulator(system);
}
