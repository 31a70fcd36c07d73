/**
 * @module rl/classic/mountain-car-continuous
 *
 * MountainCarContinuous-v0: the same valley, with a motor that takes any force in a range and costs energy.
 *
 *   action        force in ±1; beyond that it is clipped, but the cost counts what was asked for
 *   state         position in [−1.2, 0.6], speed in ±0.07; float64 after a reset, float32 from the first step on
 *   observation   the state as float32
 *   reward        100 on reaching the flag, less 0.1 a² a step
 *   end           terminated where the position is ≥ 0.45 and the speed ≥ 0; truncated at 999 steps; solved at 90
 *   start         position uniform in [−0.6, −0.4], speed 0
 *
 * Power 0.0015, slope 0.0025 cos 3x. Rounded to float32, as numpy 2 rounds: actions; a force inside the range times the power, and
 * that less the slope; and from the first step on every sum, every comparison and the stored state. Whether a state is that of
 * a reset is seen from its numbers: it is where they are not float32 numbers.
 * Source: A. W. Moore (1990); numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { drawMountainCar } from '../render/mountain-car.js';
import { box } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';

const MIN_X = -1.2;
const MAX_X = 0.6;
const MAX_SPEED = 0.07;
const GOAL = 0.45;
const POWER = 0.0015;
const SLOPE = 0.0025;
const f32 = Math.fround;
const same = (v: number): number => v;

export class MountainCarContinuous implements Dynamics {
  readonly observationSpace = box([MIN_X, -MAX_SPEED], [MAX_X, MAX_SPEED]);
  readonly actionSpace = box([-1], [1]);
  readonly state = new Float64Array(2);

  reset(random: Sequence): void {
    this.state[0] = -0.6 + 0.2 * random.next();
    this.state[1] = 0;
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const s = this.state;
    const a = action[0];
    const round = f32(s[0]) === s[0] && f32(s[1]) === s[1] ? f32 : same;
    const slope = SLOPE * Math.cos(round(3 * s[0]));
    const force = a < -1 ? -1 * POWER - slope : a > 1 ? POWER - slope : f32(f32(a * f32(POWER)) - f32(slope));
    let speed = round(s[1] + round(force));
    const maxSpeed = round(MAX_SPEED);
    if (speed > maxSpeed) speed = maxSpeed;
    if (speed < -maxSpeed) speed = -maxSpeed;
    let x = round(s[0] + speed);
    if (x > round(MAX_X)) x = round(MAX_X);
    if (x < round(MIN_X)) x = round(MIN_X);
    if (x === round(MIN_X) && speed < 0) speed = 0;
    outcome.terminated = x >= round(GOAL) && speed >= 0;
    outcome.reward = (outcome.terminated ? 100 : 0) - a * a * 0.1;
    s[0] = f32(x);
    s[1] = f32(speed);
  }

  observe(out: FloatArray, offset: number): void {
    out[offset] = this.state[0];
    out[offset + 1] = this.state[1];
  }

  render(): string {
    return drawMountainCar(this.state, GOAL);
  }
}
