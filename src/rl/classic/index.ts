/**
 * @module rl/classic
 *
 * The five problems of classic control.
 */
import type { Registration } from '../registration.js';
import type { Dynamics } from '../types.js';
import { Acrobot } from './acrobot.js';
import { CartPole } from './cartpole.js';
import { MountainCarContinuous } from './mountain-car-continuous.js';
import { MountainCar } from './mountain-car.js';
import { Pendulum } from './pendulum.js';

function row(
  Kind: new () => Dynamics,
  maxSteps: number,
  threshold: number | null,
  summary: string,
): Registration {
  const factory = (): Dynamics => new Kind();
  return { factory, maxSteps, threshold, summary, family: 'classic control', options: [], spaces: factory };
}

export const classic: Readonly<Record<string, Registration>> = {
  'CartPole-v1': row(CartPole, 500, 475, 'keep a pole upright on a cart'),
  'Acrobot-v1': row(Acrobot, 500, -100, 'swing the tip of two links above a line'),
  'Pendulum-v1': row(Pendulum, 200, null, 'swing a rod up and hold it'),
  'MountainCar-v0': row(MountainCar, 200, -110, 'rock a weak car up a hill'),
  'MountainCarContinuous-v0': row(MountainCarContinuous, 999, 90, 'the same with any force, and its cost'),
};
