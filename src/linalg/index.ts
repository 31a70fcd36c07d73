/**
 * @module linalg
 *
 * Dense float64 algebra on the host: what is N × N or T × T is no graph.
 */
export { cholesky, choleskyInverse, choleskySolve, logDeterminant } from './cholesky.js';
export { symmetricEigen } from './eigen.js';
export type { Eigen } from './eigen.js';
