/**
 * @module rl/mujoco/tasks/pusher
 *
 * Pusher-v5: push a puck to a place with the hand of a robot arm.
 *
 *   action        7 torques in ±2 N m: shoulder, elbow, forearm, wrist
 *   observation   23: 7 joint angles, 7 joint velocities, places of the hand, the puck and the goal (3 each)
 *   reward        −|puck − goal| − 0.1 Σa² − 0.5 |puck − hand|
 *   end           never terminated; truncated at 100 steps; solved at 0
 *   start         the arm at rest; the puck uniform in [−0.3, 0] × [−0.2, 0.2] but more than 0.17 from the goal; velocities uniform in
 *                 ±0.005, those of puck and goal 0
 *   time          5 × 0.01 s, Euler
 *
 * The cost counts the action as given; MuJoCo clips the torque. Rounded to float32: actions and their cost.
 * Source: Gymnasium 1.3.
 */
import type { Sequence } from '../../../core/random.js';
import type { FloatArray } from '../../../core/tensor.js';
import type { Outcome } from '../../types.js';
import { controlCost, copy, Creature, distance, uniformNoise } from '../creature.js';
import type { Simulation } from '../simulation.js';

export class Pusher extends Creature {
  private readonly hand: number;
  private readonly puck: number;
  private readonly goal: number;

  constructor(simulation: Simulation) {
    super('Pusher-v5', simulation, 5, 23, ['reward_dist', 'reward_ctrl', 'reward_near']);
    this.hand = simulation.body('tips_arm');
    this.puck = simulation.body('object');
    this.goal = simulation.body('goal');
  }

  protected draw(random: Sequence, noise: Float64Array): void {
    const { nq, nv } = this.simulation;
    noise.fill(0, 0, nq);
    do {
      noise[nq - 4] = -0.3 * random.next();
      noise[nq - 3] = -0.2 + 0.4 * random.next();
    } while (!(Math.hypot(noise[nq - 4], noise[nq - 3]) > 0.17));
    uniformNoise(random, noise, 0.005, nq);
    noise.fill(0, nq + nv - 4);
  }

  protected judge(action: ArrayLike<number>, outcome: Outcome): void {
    const places = this.simulation.xpos.now;
    const far = -distance(places, this.puck, this.goal);
    const cost = controlCost(0.1, action);
    const near = -distance(places, this.puck, this.hand) * 0.5;
    outcome.reward = far - cost + near;
    this.parts[0] = far;
    this.parts[1] = -cost;
    this.parts[2] = near;
  }

  observe(out: FloatArray, offset: number): void {
    const { qpos, qvel, xpos } = this.simulation;
    let at = copy(qpos.now, 0, out, offset, Infinity, 7);
    at = copy(qvel.now, 0, out, at, Infinity, 7);
    for (const body of [this.hand, this.puck, this.goal]) {
      at = copy(xpos.now, 3 * body, out, at, Infinity, 3 * body + 3);
    }
  }
}
