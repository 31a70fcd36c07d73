/**
 * @module rl/mujoco/tasks/hopper
 *
 * Hopper-v5: hop forward on one leg.
 *
 *   action        3 torques in ±1: thigh, leg, foot (× 200 N m)
 *   observation   11: qpos without x (height, angles [m, rad]); qvel clipped to ±10
 *   reward        ẋ + 1 while healthy − 0.001 Σa²
 *   end           terminated when unhealthy: height ≤ 0.7, |angle| ≥ 0.2, or any number of the state from the third on outside ±100;
 *                 truncated at 1000 steps; solved at 3800
 *   start         the model's pose, all numbers plus uniform noise in ±0.005
 *   time          4 × 0.002 s, RK4
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: T. Erez, Y. Tassa, E. Todorov, RSS 2011; numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, copy, Creature, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class Hopper extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    super('Hopper-v5', simulation, 4, 11, ['x_velocity', 'reward_ctrl', 'reward_survive']);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 5e-3);
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const cost = controlCost(1e-3, action);
    const healthy = this.healthy() ? 1 : 0;
    outcome.reward = moved[0] + healthy - cost;
    outcome.terminated = healthy === 0;
    this.parts[0] = moved[0];
    this.parts[1] = -cost;
    this.parts[2] = healthy;
  }

  private healthy(): boolean {
    const qpos = this.simulation.qpos.now;
    const qvel = this.simulation.qvel.now;
    if (!(qpos[1] > 0.7 && qpos[2] > -0.2 && qpos[2] < 0.2)) return false;
    for (let i = 2; i < qpos.length; i++) if (!(Math.abs(qpos[i]) < 100)) return false;
    for (let i = 0; i < qvel.length; i++) if (!(Math.abs(qvel[i]) < 100)) return false;
    return true;
  }

  observe(out: FloatArray, offset: number): void {
    const at = copy(this.simulation.qpos.now, 1, out, offset);
    copy(this.simulation.qvel.now, 0, out, at, 10);
  }
}
