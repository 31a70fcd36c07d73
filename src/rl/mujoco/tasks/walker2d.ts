/**
 * @module rl/mujoco/tasks/walker2d
 *
 * Walker2d-v5: walk forward on two legs.
 *
 *   action        6 torques in ±1: thigh, leg, foot of the right and the left (× 100 N m)
 *   observation   17: qpos without x [m, rad]; qvel clipped to ±10
 *   reward        ẋ + 1 while healthy − 0.001 Σa²
 *   end           terminated when unhealthy: height outside (0.8, 2) or angle outside (−1, 1); truncated at 1000 steps; no threshold
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

export class Walker2d extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    super('Walker2d-v5', simulation, 4, 17, ['x_velocity', 'reward_ctrl', 'reward_survive']);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 5e-3);
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const qpos = this.simulation.qpos.now;
    const cost = controlCost(1e-3, action);
    const healthy = qpos[1] > 0.8 && qpos[1] < 2 && qpos[2] > -1 && qpos[2] < 1 ? 1 : 0;
    outcome.reward = moved[0] + healthy - cost;
    outcome.terminated = healthy === 0;
    this.parts[0] = moved[0];
    this.parts[1] = -cost;
    this.parts[2] = healthy;
  }

  observe(out: FloatArray, offset: number): void {
    const at = copy(this.simulation.qpos.now, 1, out, offset);
    copy(this.simulation.qvel.now, 0, out, at, 10);
  }
}
