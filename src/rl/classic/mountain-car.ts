/**
 * @module rl/classic/mountain-car
 *
 * MountainCar-v0: a weak car in a valley rocks itself up to the flag on the right hill.
 *
 *   action        0 push left, 1 nothing, 2 push right
 *   state         position in [−1.2, 0.6], speed in ±0.07, float64
 *   observation   the state as float32
 *   reward        −1 a step, the last one too
 *   end           terminated where the position is ≥ 0.5 and the speed ≥ 0; truncated at 200 steps; solved at −110
 *   start         position uniform in [−0.6, −0.4], speed 0
 *
 * Force 0.001, slope 0.0025 cos 3x; the left wall stops the car. Rounded to float32: observations.
 * Source: A. W. Moore, PhD thesis, Cambridge (1990); numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { drawMountainCar } from '../render/mountain-car.js';
import { box, discrete } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';

const MIN_X = -1.2;
const MAX_X = 0.6;
const MAX_SPEED = 0.07;
const GOAL = 0.5;
const FORCE = 0.001;
const SLOPE = 0.0025;

export class MountainCar implements Dynamics {
  readonly observationSpace = box([MIN_X, -MAX_SPEED], [MAX_X, MAX_SPEED]);
  readonly actionSpace = discrete(3);
  readonly state = new Float64Array(2);

  reset(random: Sequence): void {
    this.state[0] = -0.6 + 0.2 * random.next();
    this.state[1] = 0;
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const s = this.state;
    let speed = s[1] + ((action[0] - 1) * FORCE + Math.cos(3 * s[0]) * -SLOPE);
    speed = Math.min(Math.max(speed, -MAX_SPEED), MAX_SPEED);
    const x = Math.min(Math.max(s[0] + speed, MIN_X), MAX_X);
    if (x === MIN_X && speed < 0) speed = 0;
    s[0] = x;
    s[1] = speed;
    outcome.reward = -1;
    outcome.terminated = x >= GOAL && speed >= 0;
  }

  observe(out: FloatArray, offset: number): void {
    out[offset] = this.state[0];
    out[offset + 1] = this.state[1];
  }

  render(): string {
    return drawMountainCar(this.state, GOAL);
  }
}
