/**
 * @module rl/classic/cartpole
 *
 * CartPole-v1: keep a pole upright on a cart that is pushed left or right.
 *
 *   action        0 push left, 1 push right, with 10 N
 *   state         x [m], ẋ [m/s], θ [rad], θ̇ [rad/s], float64
 *   observation   the state as float32; bounds ±4.8, ±∞, ±24°, ±∞
 *   reward        1 a step, the last one too
 *   end           terminated where |x| > 2.4 or |θ| > 12°; truncated at 500 steps; solved at a mean return of 475
 *   start         all four uniform in ±0.05
 *
 * Explicit Euler at 0.02 s, gravity 9.8, cart 1 kg, pole 0.1 kg of half-length 0.5 m. Rounded to float32: observations.
 * Source: A. G. Barto, R. S. Sutton, C. W. Anderson, IEEE Trans. SMC 13 (1983); numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { drawCartPole } from '../render/cartpole.js';
import { box, discrete } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = 1.1;
const HALF_LENGTH = 0.5;
const POLE_MOMENT = POLE_MASS * HALF_LENGTH;
const FORCE = 10;
const DT = 0.02;
const MAX_X = 2.4;
const MAX_THETA = (12 * 2 * Math.PI) / 360;
const HIGH = [MAX_X * 2, Infinity, MAX_THETA * 2, Infinity];

export class CartPole implements Dynamics {
  readonly observationSpace = box(
    HIGH.map((v) => -v),
    HIGH,
  );
  readonly actionSpace = discrete(2);
  readonly state = new Float64Array(4);

  reset(random: Sequence): void {
    for (let i = 0; i < 4; i++) this.state[i] = -0.05 + 0.1 * random.next();
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const s = this.state;
    const x = s[0];
    const xDot = s[1];
    const theta = s[2];
    const thetaDot = s[3];
    const force = action[0] === 1 ? FORCE : -FORCE;
    const cos = Math.cos(theta);
    const sin = Math.sin(theta);
    const push = (force + POLE_MOMENT * (thetaDot * thetaDot) * sin) / TOTAL_MASS;
    const thetaAcc =
      (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * (cos * cos)) / TOTAL_MASS));
    const xAcc = push - (POLE_MOMENT * thetaAcc * cos) / TOTAL_MASS;
    const newX = x + DT * xDot;
    const newTheta = theta + DT * thetaDot;
    s[0] = newX;
    s[1] = xDot + DT * xAcc;
    s[2] = newTheta;
    s[3] = thetaDot + DT * thetaAcc;
    outcome.reward = 1;
    outcome.terminated = newX < -MAX_X || newX > MAX_X || newTheta < -MAX_THETA || newTheta > MAX_THETA;
  }

  observe(out: FloatArray, offset: number): void {
    const s = this.state;
    out[offset] = s[0];
    out[offset + 1] = s[1];
    out[offset + 2] = s[2];
    out[offset + 3] = s[3];
  }

  render(): string {
    return drawCartPole(this.state);
  }
}
