/**
 * @module rl/render/three
 *
 * The way from anywhere to the installed three.js: reading it needs Node, so it is loaded only when asked for.
 */
import type { ThreeSource } from './page.js';

/** Throws `rl/three-missing` where the optional package three is not installed. */
export async function loadThree(): Promise<ThreeSource> {
  const { threeSource } = await import('../mujoco/three-source.js');
  return threeSource();
}
