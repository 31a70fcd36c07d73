/**
 * @module likelihood/roots
 *
 * Roots of I(h) by name. `eigen`, the default, is the best that a likelihood has: eigenvectors for a categorical one of at most 256
 * outputs, the stick-breaking root beyond, and for independent components their own columns, which are eigenvectors already. `kernel` turns it
 * so that its scores are orthogonal on average over the network's tangent kernel, which has to be given.
 */
import type { Likelihood } from '../types.js';
import { ClassRoot } from './class-root.js';
import { EigenRoot, LARGEST_EIGEN } from './eigen-root.js';
import { KernelRoot } from './kernel-root.js';
import type { Root } from './root.js';
import { PositionsRoot } from './positions-root.js';
import { StickRoot } from './stick-root.js';

export { ClassRoot } from './class-root.js';
export { EigenRoot, LARGEST_EIGEN } from './eigen-root.js';
export { KernelRoot, LARGEST_KERNEL, requireKernel } from './kernel-root.js';
export { eigenpairs } from './secular.js';
export { StickRoot } from './stick-root.js';
export type { Root, RootName } from './root.js';

/** Words that a user can ask with. */
export const ROOTS = ['eigen', 'class', 'kernel'] as const;
/** `eigen`, `class` or `kernel`. */
export type RootWord = (typeof ROOTS)[number];

/** The kernel root with the mean tangent kernel that it is orthogonal under. */
export interface KernelChoice {
  /** Ḡ [T, T], row by row. */
  readonly kernel: readonly number[];
}

/** A root with everything that it takes. */
export type RootChoice = 'eigen' | 'class' | KernelChoice;

/** Its word. */
export const rootWord = (choice: RootChoice): RootWord => (typeof choice === 'object' ? 'kernel' : choice);

/** The root of a likelihood with T outputs. Throws `likelihood/kernel`. */
export function rootFor(likelihood: Likelihood, T: number, choice: RootChoice = 'eigen'): Root {
  if (typeof choice === 'object') return new KernelRoot(rootFor(likelihood, T), choice.kernel, T);
  const { repeated } = likelihood;
  if (repeated) {
    const { base, positions } = repeated;
    return new PositionsRoot(rootFor(base, T / positions, choice), positions);
  }
  if (choice === 'class' || likelihood.labelKind !== 'enumerated') return new ClassRoot(likelihood);
  return T > LARGEST_EIGEN ? new StickRoot() : new EigenRoot();
}
