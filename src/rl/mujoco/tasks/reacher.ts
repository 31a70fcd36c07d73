/**
 * @module rl/mujoco/tasks/reacher
 *
 * Reacher-v5: bring the tip of a two-link arm to a target in the plane.
 *
 *   action        2 torques in ±1 (× 200 N m)
 *   observation   10: cosines of the two angles, their sines, place of the target (2), joint velocities (2), tip − target (2)
 *   reward        −|tip − target| − Σa²
 *   end           never terminated; truncated at 50 steps; solved at −3.75
 *   start         angles uniform in ±0.1, their velocities in ±0.005; the target uniform in the disc of radius 0.2, at rest
 *   time          2 × 0.01 s, RK4
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, Creature, distance, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class Reacher extends Creature {
  private readonly tip: number;
  private readonly target: number;

  constructor(simulation: Simulation) {
    super('Reacher-v5', simulation, 2, 10, ['reward_dist', 'reward_ctrl']);
    this.tip = simulation.body('fingertip');
    this.target = simulation.body('target');
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    const { startQpos } = this.simulation;
    uniformNoise(random, noise, 0.1, 0, 2);
    let x = 0;
    let y = 0;
    do {
      x = -0.2 + 0.4 * random.next();
      y = -0.2 + 0.4 * random.next();
    } while (!(Math.hypot(x, y) < 0.2));
    // Relative to the target's own place in the model, to which the start is added.
    noise[2] = x - startQpos[2];
    noise[3] = y - startQpos[3];
    uniformNoise(random, noise, 0.005, 4, 6);
    noise[6] = noise[7] = 0;
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome): void {
    const far = -distance(this.simulation.xpos.now, this.tip, this.target);
    const cost = controlCost(1, action);
    outcome.reward = far - cost;
    this.parts[0] = far;
    this.parts[1] = -cost;
  }

  observe(out: FloatArray, offset: number): void {
    const qpos = this.simulation.qpos.now;
    const qvel = this.simulation.qvel.now;
    const xpos = this.simulation.xpos.now;
    for (let i = 0; i < 2; i++) {
      out[offset + i] = Math.cos(qpos[i]);
      out[offset + 2 + i] = Math.sin(qpos[i]);
      out[offset + 4 + i] = qpos[2 + i];
      out[offset + 6 + i] = qvel[i];
      out[offset + 8 + i] = xpos[3 * this.tip + i] - xpos[3 * this.target + i];
    }
  }
}
