/**
 * @module rl/mujoco/tasks/half-cheetah
 *
 * HalfCheetah-v5: run forward.
 *
 *   action        6 torques in ±1: thigh, shin, foot behind and in front (× 120, 90, 60, 120, 60, 30 N m)
 *   observation   17: qpos without x [m, rad]; qvel
 *   reward        ẋ − 0.1 Σa²
 *   end           never terminated; truncated at 1000 steps; solved at 4800
 *   start         the model's pose; positions plus uniform noise in ±0.1, velocities plus 0.1 × standard normal
 *   time          5 × 0.01 s, Euler
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: P. Wawrzyński, ICANNGA 2007; numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, copy, Creature, normalNoise, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class HalfCheetah extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    super('HalfCheetah-v5', simulation, 5, 17, ['x_velocity', 'reward_ctrl']);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.1, 0, this.simulation.nq);
    normalNoise(random, noise, 0.1, this.simulation.nq);
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const cost = controlCost(0.1, action);
    outcome.reward = moved[0] - cost;
    this.parts[0] = moved[0];
    this.parts[1] = -cost;
  }

  observe(out: FloatArray, offset: number): void {
    const at = copy(this.simulation.qpos.now, 1, out, offset);
    copy(this.simulation.qvel.now, 0, out, at);
  }
}
