/**
 * @module rl/classic/acrobot
 *
 * Acrobot-v1: two links hang from a fixed joint; a motor at the middle joint swings the tip above a line.
 *
 *   action        0, 1, 2: torque −1, 0, +1 N m at the middle joint
 *   state         θ1, θ2 [rad] in ±π (θ2 relative to link 1; both 0 hanging down), θ̇1 in ±4π, θ̇2 in ±9π [rad/s], float64
 *   observation   cos θ1, sin θ1, cos θ2, sin θ2, θ̇1, θ̇2 as float32
 *   reward        −1 a step, 0 on the step that reaches the line
 *   end           terminated where −cos θ1 − cos(θ1 + θ2) > 1; truncated at 500 steps; solved at a mean return of −100
 *   start         all four uniform in ±0.1, rounded to float32
 *
 * One classical Runge–Kutta step of 0.2 s. Links of length, mass and moment of inertia 1, centre of mass at 0.5, gravity 9.8; the
 * equations of Sutton & Barto's book (not those of the NIPS paper). Rounded to float32: start states, observations.
 * Source: R. S. Sutton, NIPS 1996; Sutton & Barto (1998), section 11.3; numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { drawAcrobot } from '../render/acrobot.js';
import { box, discrete } from '../spaces.js';
import type { Dynamics, Outcome } from '../types.js';

const DT = 0.2;
const G = 9.8;
const LC = 0.5;
const MAX_SPEED_1 = 4 * Math.PI;
const MAX_SPEED_2 = 9 * Math.PI;
const HIGH = [1, 1, 1, 1, MAX_SPEED_1, MAX_SPEED_2];

export class Acrobot implements Dynamics {
  readonly observationSpace = box(
    HIGH.map((v) => -v),
    HIGH,
  );
  readonly actionSpace = discrete(3);
  readonly state = new Float64Array(4);
  private readonly k1 = new Float64Array(4);
  private readonly k2 = new Float64Array(4);
  private readonly k3 = new Float64Array(4);
  private readonly k4 = new Float64Array(4);
  private readonly at = new Float64Array(4);

  reset(random: Sequence): void {
    for (let i = 0; i < 4; i++) this.state[i] = Math.fround(-0.1 + 0.2 * random.next());
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const { state: s, at, k1, k2, k3, k4 } = this;
    const torque = action[0] - 1;
    derivatives(s, torque, k1);
    for (let i = 0; i < 4; i++) at[i] = s[i] + (DT / 2) * k1[i];
    derivatives(at, torque, k2);
    for (let i = 0; i < 4; i++) at[i] = s[i] + (DT / 2) * k2[i];
    derivatives(at, torque, k3);
    for (let i = 0; i < 4; i++) at[i] = s[i] + DT * k3[i];
    derivatives(at, torque, k4);
    for (let i = 0; i < 4; i++) s[i] += (DT / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    s[0] = wrap(s[0]);
    s[1] = wrap(s[1]);
    s[2] = Math.min(Math.max(s[2], -MAX_SPEED_1), MAX_SPEED_1);
    s[3] = Math.min(Math.max(s[3], -MAX_SPEED_2), MAX_SPEED_2);
    outcome.terminated = -Math.cos(s[0]) - Math.cos(s[1] + s[0]) > 1;
    outcome.reward = outcome.terminated ? 0 : -1;
  }

  observe(out: FloatArray, offset: number): void {
    const s = this.state;
    out[offset] = Math.cos(s[0]);
    out[offset + 1] = Math.sin(s[0]);
    out[offset + 2] = Math.cos(s[1]);
    out[offset + 3] = Math.sin(s[1]);
    out[offset + 4] = s[2];
    out[offset + 5] = s[3];
  }

  render(): string {
    return drawAcrobot(this.state);
  }
}

/** ds/dt under a torque, in the order of operations of the source. */
function derivatives(s: Float64Array, torque: number, out: Float64Array): void {
  const [theta1, theta2, speed1, speed2] = s;
  const cos2 = Math.cos(theta2);
  const sin2 = Math.sin(theta2);
  const d1 = LC ** 2 + (1 + LC ** 2 + 2 * LC * cos2) + 1 + 1;
  const d2 = LC ** 2 + LC * cos2 + 1;
  const phi2 = LC * G * Math.cos(theta1 + theta2 - Math.PI / 2);
  const phi1 =
    -LC * speed2 ** 2 * sin2 -
    2 * LC * speed2 * speed1 * sin2 +
    (LC + 1) * G * Math.cos(theta1 - Math.PI / 2) +
    phi2;
  const acc2 = (torque + (d2 / d1) * phi1 - LC * speed1 ** 2 * sin2 - phi2) / (LC ** 2 + 1 - d2 ** 2 / d1);
  out[0] = speed1;
  out[1] = speed2;
  out[2] = -(d2 * acc2 + phi1) / d1;
  out[3] = acc2;
}

/** An angle in [−π, π]. */
function wrap(angle: number): number {
  let x = angle;
  while (x > Math.PI) x -= 2 * Math.PI;
  while (x < -Math.PI) x += 2 * Math.PI;
  return x;
}
