/**
 * @module rl/classic/pendulum
 *
 * Pendulum-v1: swing a rod up with a motor that is too weak to lift it, and hold it.
 *
 *   action        torque in ±2 N m; beyond that it is clipped, in the cost too
 *   state         θ [rad] from upright, not wrapped; θ̇ in ±8 rad/s, float64
 *   observation   cos θ, sin θ, θ̇ as float32
 *   reward        −(θ² + 0.1 θ̇² + 0.001 u²) of the state before the step, θ in [−π, π)
 *   end           never terminated; truncated at 200 steps; no threshold is published
 *   start         θ uniform in ±π, θ̇ uniform in ±1
 *
 * Semi-implicit Euler at 0.05 s, g = 10, m = l = 1. Rounded to float32: actions, 3u and 0.001 u² (a float32 action times a Python
 * number stays float32 in numpy 2), observations. Source: Gymnasium 1.3.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { drawPendulum } from '../render/pendulum.js';
import { box } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';

const DT = 0.05;
const MAX_SPEED = 8;
const MAX_TORQUE = 2;
const TORQUE_COST = Math.fround(0.001);
const f32 = Math.fround;

export class Pendulum implements Dynamics {
  readonly observationSpace = box([-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED]);
  readonly actionSpace = box([-MAX_TORQUE], [MAX_TORQUE]);
  readonly state = new Float64Array(2);
  /** The last torque, for the picture. */
  readonly memory = new Float64Array(1);

  reset(random: Sequence): void {
    this.state[0] = Math.PI * (2 * random.next() - 1);
    this.state[1] = 2 * random.next() - 1;
    this.memory[0] = 0;
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const s = this.state;
    const theta = s[0];
    const speed = s[1];
    const u = Math.min(Math.max(action[0], -MAX_TORQUE), MAX_TORQUE);
    const angle = normalised(theta);
    outcome.reward = -(angle * angle + 0.1 * (speed * speed) + f32(TORQUE_COST * f32(u * u)));
    const moved = speed + (15 * Math.sin(theta) + f32(3 * u)) * DT;
    s[1] = Math.min(Math.max(moved, -MAX_SPEED), MAX_SPEED);
    s[0] = theta + s[1] * DT;
    this.memory[0] = u;
  }

  observe(out: FloatArray, offset: number): void {
    out[offset] = Math.cos(this.state[0]);
    out[offset + 1] = Math.sin(this.state[0]);
    out[offset + 2] = this.state[1];
  }

  render(): string {
    return drawPendulum(this.state, this.memory[0]);
  }
}

/** θ in [−π, π), with the sign rule of Python's %. */
function normalised(theta: number): number {
  let turned = (theta + Math.PI) % (2 * Math.PI);
  if (turned < 0) turned += 2 * Math.PI;
  return turned - Math.PI;
}
