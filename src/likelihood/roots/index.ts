/**
 * @module likelihood/roots
 *
 * Roots of I(h) by name. `eigen`, the default, is the best that a likelihood has: eigenvectors for a categorical one of at most 256
 * outputs, the stick-breaking root beyond, and for independent components their own columns, which are eigenvectors already.
 */
import type { Likelihood } from '../types.js';
import { ClassRoot } from './class-root.js';
import { EigenRoot, LARGEST_EIGEN } from './eigen-root.js';
import type { Root } from './root.js';
import { PositionsRoot } from './positions-root.js';
import { StickRoot } from './stick-root.js';

export { ClassRoot } from './class-root.js';
export { EigenRoot, LARGEST_EIGEN } from './eigen-root.js';
export { eigenpairs } from './secular.js';
export { StickRoot } from './stick-root.js';
export type { Root, RootName } from './root.js';

/** What a user can ask for. */
export const ROOTS = ['eigen', 'class'] as const;
/** `eigen` or `class`. */
export type RootChoice = (typeof ROOTS)[number];

/** The root of a likelihood with T outputs. */
export function rootFor(likelihood: Likelihood, T: number, choice: RootChoice = 'eigen'): Root {
  const { repeated } = likelihood;
  if (repeated) {
    const { base, positions } = repeated;
    return new PositionsRoot(rootFor(base, T / positions, choice), positions);
  }
  if (choice === 'class' || likelihood.labelKind !== 'enumerated') return new ClassRoot(likelihood);
  return T > LARGEST_EIGEN ? new StickRoot() : new EigenRoot();
}
