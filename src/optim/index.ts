/** @module optim — first-order optimisers, training by maximum likelihood, and inverses of the Fisher for natural gradients. */
// ---- first order ----
export { adam } from './adam.js';
export type { AdamOptions } from './adam.js';
export { rmsprop } from './rmsprop.js';
export type { RmspropOptions } from './rmsprop.js';
export { sgd } from './sgd.js';
export type { Optimiser, StateSlot } from './optimiser.js';
export { Descent } from './descent.js';
export type { DescentOptions, Heads } from './descent.js';
export { Trainer } from './trainer.js';
export type { ResidualWriter } from './trainer.js';
// ---- vectors ----
export { axpy, dot } from '../matrix/vectors.js';
// ---- natural gradients ----
export { blocksOf } from '../matrix/layout.js';
export type { Block } from '../matrix/layout.js';
export { Linearisation } from '../matrix/linearisation.js';
export type {
  Direction,
  Preconditioner,
  PreconditionerContext,
  PreconditionerFactory,
  ScoreBatch,
} from './preconditioner.js';
export { fisherForm, klStepSize } from './kl-step.js';
export { conjugateGradient, conjugateGradientSolve } from './conjugate-gradient.js';
export type {
  ConjugateGradientLimits,
  ConjugateGradientOptions,
  ConjugateGradientSolution,
} from './conjugate-gradient.js';
export { checkDamping, requireDamping } from './damping.js';
export type { ChosenDamping, Damping, DampingData, DampingRule } from './damping.js';
export { chooseDamping } from './damping-rules.js';
export { LEAVE_ONE_OUT_LIMIT } from './leave-one-out.js';
export { ScoreGram } from './gram.js';
export type { GramLimits } from './gram.js';
export { FisherProduct } from '../matrix/fisher-product.js';
export type { FisherKind, ProductBatch } from '../matrix/fisher-product.js';
export { shermanMorrison, shermanMorrisonSolve } from './sherman-morrison.js';
export type { ShermanMorrisonOptions, ShermanMorrisonSolution } from './sherman-morrison.js';
export { largestEigenvalue, woodbury } from './woodbury.js';
export type { WoodburyOptions } from './woodbury.js';
export { kfac } from './kfac.js';
export type { KfacOptions } from './kfac.js';
export { kfacBlocks } from './kfac-graph.js';
export type { DenseBlock, DiagonalBlock, KfacBlock, KroneckerBlock } from './kfac-graph.js';
export type { ColumnKind } from './column-pass.js';
export { diagonalInverse } from './diagonal-inverse.js';
export type { DiagonalInverseOptions } from './diagonal-inverse.js';
