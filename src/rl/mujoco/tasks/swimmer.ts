/**
 * @module rl/mujoco/tasks/swimmer
 *
 * Swimmer-v5: swim forward through a viscous fluid.
 *
 *   action        2 torques in ±1 at the joints of the three links (× 150 N m)
 *   observation   8: qpos without x, y [rad]; qvel
 *   reward        ẋ − 0.0001 Σa²
 *   end           never terminated; truncated at 1000 steps; solved at 360
 *   start         the model's pose, all numbers plus uniform noise in ±0.1
 *   time          4 × 0.01 s, RK4
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: R. Coulom, PhD thesis, INP Grenoble (2002); numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, copy, Creature, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class Swimmer extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    super('Swimmer-v5', simulation, 4, 8, ['x_velocity', 'y_velocity', 'reward_ctrl']);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.1);
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const cost = controlCost(1e-4, action);
    outcome.reward = moved[0] - cost;
    this.parts[0] = moved[0];
    this.parts[1] = moved[1];
    this.parts[2] = -cost;
  }

  observe(out: FloatArray, offset: number): void {
    const at = copy(this.simulation.qpos.now, 2, out, offset);
    copy(this.simulation.qvel.now, 0, out, at);
  }
}
