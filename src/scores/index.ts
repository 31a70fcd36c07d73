/**
 * @module scores
 *
 * Per-example scores in the smallest form that holds them (scores/score), made by one reverse pass (scores/reverse); `second/` holds
 * second derivatives in the same form.
 */
export { reverseScores, scoresOf } from './reverse.js';
export type { ReverseScores } from './reverse.js';
export { biasesOf } from './biases.js';
export { inputWidth, neuronCount, partsOf, SHARINGS } from './score.js';
export { kroneckerFactors } from './kronecker.js';
export type { KroneckerFactors } from './kronecker.js';
export type { FactorRows, NeuronMoves, Score, ScorePeaks, Sharing, TableScore } from './score.js';
export { movesFit } from './embedding.js';
export { laidOutNumbers } from './position-parts.js';
export { pieceNumbers } from './shared.js';
export { loadedGram, loadedSum, weightedGram } from './gram.js';
