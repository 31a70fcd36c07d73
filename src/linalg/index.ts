/**
 * @module linalg
 *
 * Dense float64 algebra on the host, row by row in Float64Array: what is N × N or T × T is no graph.
 */

// Positive definite matrices
export { cholesky, choleskyInverse, choleskySolve, logDeterminant } from './cholesky.js';

// Symmetric matrices
export { symmetricEigen, symmetricEigenvalues } from './eigen.js';
export type { Eigen } from './eigen.js';

// Products
export { gram, multiply, transposed } from './multiply.js';
export type { MultiplyOptions } from './multiply.js';

// Symmetric operators
export { Lanczos, lanczos } from './lanczos.js';
export type { LanczosOptions, LeadingPairs, RitzPairs, RitzValues } from './lanczos.js';
