/**
 * @module rl/mujoco/tasks/ant
 *
 * Ant-v5: walk along x on four legs.
 *
 *   action        8 torques in ±1: hip and ankle of legs 4, 1, 2, 3 (× 150 N m)
 *   observation   105: qpos without x, y (13), qvel (14), external force and torque on the 13 bodies, clipped to ±1 (78)
 *   reward        ẋ of the torso + 1 while healthy − 0.5 Σa² − 0.0005 Σ(clipped forces)²
 *   end           terminated when unhealthy: a number of the state not finite, or height outside [0.2, 1];
 *                 truncated at 1000 steps; solved at 6000
 *   start         the model's pose; positions plus uniform noise in ±0.1, velocities plus 0.1 × standard normal
 *   time          5 × 0.01 s, RK4
 *
 * The torso's place is MuJoCo's `xpos`, which after a step lags one sub-step behind the joints.
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: J. Schulman et al., ICLR 2016; numbers as Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, copy, Creature, normalNoise, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

const TORSO = 1;

export class Ant extends Creature {
  protected override readonly roams = true;

  constructor(simulation: Simulation) {
    const parts = ['x_velocity', 'y_velocity', 'reward_ctrl', 'reward_contact', 'reward_survive'];
    super('Ant-v5', simulation, 5, 105, parts);
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    uniformNoise(random, noise, 0.1, 0, this.simulation.nq);
    normalNoise(random, noise, 0.1, this.simulation.nq);
  }

  protected override measure(out: Float64Array): void {
    const xpos = this.simulation.xpos.now;
    out[0] = xpos[3 * TORSO];
    out[1] = xpos[3 * TORSO + 1];
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void {
    const forces = this.simulation.cfrcExt.now;
    let contact = 0;
    for (let i = 0; i < forces.length; i++) contact += Math.min(Math.max(forces[i], -1), 1) ** 2;
    contact *= 5e-4;
    const cost = controlCost(0.5, action);
    const healthy = this.healthy() ? 1 : 0;
    outcome.reward = moved[0] + healthy - (cost + contact);
    outcome.terminated = healthy === 0;
    this.parts[0] = moved[0];
    this.parts[1] = moved[1];
    this.parts[2] = -cost;
    this.parts[3] = -contact;
    this.parts[4] = healthy;
  }

  private healthy(): boolean {
    const qpos = this.simulation.qpos.now;
    const qvel = this.simulation.qvel.now;
    let zero = 0;
    for (let i = 0; i < qpos.length; i++) zero += qpos[i] * 0;
    for (let i = 0; i < qvel.length; i++) zero += qvel[i] * 0;
    return zero === 0 && qpos[2] >= 0.2 && qpos[2] <= 1;
  }

  observe(out: FloatArray, offset: number): void {
    const { qpos, qvel, cfrcExt } = this.simulation;
    const velocities = copy(qpos.now, 2, out, offset);
    const forces = copy(qvel.now, 0, out, velocities);
    copy(cfrcExt.now, 6, out, forces, 1);
  }
}
