/**
 * @module rl/mujoco/tasks/pendulums
 *
 * InvertedPendulum-v5: balance a pole on a cart on a rail.
 *
 *   action        force in ±3 (× 100 N)
 *   observation   4: place of the cart [m], angle [rad], their velocities
 *   reward        1 a step, 0 on the one that ends
 *   end           terminated where |angle| > 0.2 or a number is not finite; truncated at 1000 steps; solved at 950
 *   start         all numbers uniform in ±0.01
 *   time          2 × 0.02 s, RK4
 *
 * InvertedDoublePendulum-v5: balance two poles on top of each other.
 *
 *   action        force in ±1 (× 500 N)
 *   observation   9: place of the cart, sines of the two angles, their cosines, velocities clipped to ±10, constraint force on the
 *                 cart clipped to ±10
 *   reward        10 while up − 0.01 x² − (y − 2)² − 0.001 θ̇1² − 0.005 θ̇2², (x, y) the tip
 *   end           terminated where y ≤ 1; truncated at 1000 steps; solved at 9100
 *   start         positions uniform in ±0.1, velocities 0.1 × standard normal
 *   time          5 × 0.01 s, RK4
 *
 * Rounded to float32: actions. Source: Barto, Sutton, Anderson (1983); Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { copy, Creature, normalNoise, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class InvertedPendulum extends Creature {
  constructor(simulation: Simulation) {
    super('InvertedPendulum-v5', simulation, 2, 4, ['reward_survive']);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.01);
  }

  protected judge(_: ArrayLike<number>, outcome: Outcome): void {
    const qpos = this.simulation.qpos.now;
    const qvel = this.simulation.qvel.now;
    const zero = (qpos[0] + qpos[1] + qvel[0] + qvel[1]) * 0;
    outcome.terminated = zero !== 0 || Math.abs(qpos[1]) > 0.2;
    outcome.reward = outcome.terminated ? 0 : 1;
    this.parts[0] = outcome.reward;
  }

  observe(out: FloatArray, offset: number): void {
    const at = copy(this.simulation.qpos.now, 0, out, offset);
    copy(this.simulation.qvel.now, 0, out, at);
  }
}

export class InvertedDoublePendulum extends Creature {
  constructor(simulation: Simulation) {
    const parts = ['reward_survive', 'distance_penalty', 'velocity_penalty'];
    super('InvertedDoublePendulum-v5', simulation, 5, 9, parts);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.1, 0, this.simulation.nq);
    normalNoise(random, noise, 0.1, this.simulation.nq);
  }

  protected judge(_: ArrayLike<number>, outcome: Outcome): void {
    const tip = this.simulation.siteXpos.now;
    const qvel = this.simulation.qvel.now;
    const distance = 0.01 * tip[0] ** 2 + (tip[2] - 2) ** 2;
    const speed = 1e-3 * qvel[1] ** 2 + 5e-3 * qvel[2] ** 2;
    outcome.terminated = tip[2] <= 1;
    const alive = outcome.terminated ? 0 : 10;
    outcome.reward = alive - distance - speed;
    this.parts[0] = alive;
    this.parts[1] = -distance;
    this.parts[2] = -speed;
  }

  observe(out: FloatArray, offset: number): void {
    const { qpos, qvel, qfrcConstraint } = this.simulation;
    const q = qpos.now;
    out[offset] = q[0];
    for (let i = 1; i < 3; i++) {
      out[offset + i] = Math.sin(q[i]);
      out[offset + 2 + i] = Math.cos(q[i]);
    }
    copy(qvel.now, 0, out, offset + 5, 10);
    copy(qfrcConstraint.now, 0, out, offset + 8, 10, 1);
  }
}
