/**
 * @module rl/mujoco/tasks/humanoid
 *
 * Humanoid-v5: walk along x on two legs without falling.
 *
 *   action        17 torques in ±0.4: abdomen, hips, knees, shoulders, elbows (× 25 to 300 N m)
 *   observation   348: qpos without x, y (22), qvel (23), inertia about the centre of mass of 13 bodies (130), their velocities (78),
 *                 actuator forces (17), external forces on them (78)
 *   reward        1.25 ẋ of the centre of mass + 5 while healthy − 0.1 Σa² − min(5·10⁻⁷ Σ(external forces)², 10)
 *   end           terminated when unhealthy: height outside (1, 2); truncated at 1000 steps; no threshold
 *   start         the model's pose, all numbers plus uniform noise in ±0.01
 *   time          5 × 0.003 s, RK4
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions (their cost is float64 here).
 * Source: Y. Tassa, T. Erez, E. Todorov, IROS 2012; numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { copy, Creature, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class Humanoid extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    const parts = ['x_velocity', 'y_velocity', 'reward_ctrl', 'reward_contact', 'reward_survive'];
    super('Humanoid-v5', simulation, 5, 348, parts);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.01);
  }

  /** The centre of mass. */
  protected override measure(out: Float64Array): void {
    const places = this.simulation.xipos.now;
    const masses = this.simulation.bodyMass;
    let [x, y, total] = [0, 0, 0];
    for (let b = 0; b < masses.length; b++) {
      x += masses[b] * places[3 * b];
      y += masses[b] * places[3 * b + 1];
      total += masses[b];
    }
    out[0] = x / total;
    out[1] = y / total;
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const forces = this.simulation.cfrcExt.now;
    let contact = 0;
    for (let i = 0; i < forces.length; i++) contact += forces[i] ** 2;
    contact = Math.min(5e-7 * contact, 10);
    let cost = 0;
    for (let i = 0; i < action.length; i++) cost += action[i] ** 2;
    cost *= 0.1;
    const height = this.simulation.qpos.now[2];
    const healthy = height > 1 && height < 2 ? 5 : 0;
    outcome.reward = 1.25 * moved[0] + healthy - (cost + contact);
    outcome.terminated = healthy === 0;
    this.parts[0] = moved[0];
    this.parts[1] = moved[1];
    this.parts[2] = -cost;
    this.parts[3] = -contact;
    this.parts[4] = healthy;
  }

  observe(out: FloatArray, offset: number): void {
    const { qpos, qvel, cinert, cvel, qfrcActuator, cfrcExt } = this.simulation;
    let at = copy(qpos.now, 2, out, offset);
    at = copy(qvel.now, 0, out, at);
    at = copy(cinert.now, 10, out, at);
    at = copy(cvel.now, 6, out, at);
    at = copy(qfrcActuator.now, 6, out, at);
    copy(cfrcExt.now, 6, out, at);
  }
}
