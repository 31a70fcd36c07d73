/**
 * @module matrix
 *
 * A Fisher as a matrix: its forms as blocks, and what is computed with them.
 */
// ---- places ----
export { layoutOf, sizeOfLayout } from './layout.js';
export { joinedRegion, parameterRegion, stretch, weightRegion, wholeRegion } from './region.js';
export type { Region, WeightRegion } from './region.js';
// ---- blocks ----
export { isFailure } from './blocks/block.js';
export type { BlockKind, DampedBlock, Failure, MatrixBlock, TopPairs } from './blocks/block.js';
export { DiagonalBlock } from './blocks/diagonal.js';
export { DenseBlock } from './blocks/dense.js';
export { KroneckerBlock } from './blocks/kronecker.js';
export type { KroneckerDamping } from './blocks/kronecker.js';
export { splitFactors, splitSolve } from './blocks/split.js';
export type { KroneckerParts, SplitFactors } from './blocks/split.js';
export { EigenbasisBlock } from './blocks/eigenbasis.js';
export type { EigenbasisParts } from './blocks/eigenbasis.js';
export { LowRankBlock } from './blocks/low-rank.js';
export type { RowSection } from './blocks/low-rank.js';
export { crossGram, denseRows, factoredRows, joinedRows } from './blocks/score-rows.js';
export type { RowFactors, RowsMade, ScoreRows } from './blocks/score-rows.js';
export { StackBlock } from './blocks/stack.js';
// ---- matrices ----
export { BlockMatrix } from './block-matrix.js';
export type { PlacedBlock } from './block-matrix.js';
export { LARGEST_WRITTEN } from './matrix.js';
export type { Evaluated, FisherMatrix, Solved, TopResult } from './matrix.js';
// ---- from estimates ----
export { recordOf } from './record.js';
export type { Arrays, ArraySource, FisherRecord, LayerForm, LayerRecord } from './record.js';
export { matrixOf } from './from-arrays.js';
export { GroupedFisher } from './grouped.js';
export { DrawHalves } from './draw-halves.js';
export type { ToldDraws } from './replicates.js';
export { countsOf, visitedFactors } from './visited-groups.js';
export type { VisitedFactors, VisitedGroups } from './visited-groups.js';
export { figuresOf } from './figures.js';
export type {
  FigureName,
  FigureRequest,
  Groups,
  LayerFigures,
  MatrixFigures,
  SpectrumFigures,
} from './figures.js';
export type { DensityGrid, SpectralDensity } from './density.js';
export type { LayerOfParameters } from './layer-parts.js';
// ---- products alone ----
export { ImplicitFisher } from './implicit.js';
export type { ImplicitOptions, LeadingValues } from './implicit.js';
export { implicitFigures, probeSpaces } from './implicit-figures.js';
export type { ExactTraces, ImplicitRequest } from './implicit-figures.js';
export { ProjectedGroups } from './krylov.js';
export type { Krylov, KrylovRequest, Quadrature } from './krylov.js';
// ---- side by side ----
export { innerProduct } from './inner.js';
export { compareFishers } from './compare.js';
export { compareWithProducts, PROBES_ALONE } from './compare-products.js';
export type { ProductsRequest } from './compare-products.js';
export type { Compared, CompareRequest, Comparison } from './compare.js';
