/** @module optim — optimisers as graphs, and maximum-likelihood training. */
export { adam } from './adam.js';
export type { AdamOptions } from './adam.js';
export { sgd } from './sgd.js';
export { UpdateBuilder } from './optimiser.js';
export type { Optimiser } from './optimiser.js';
export { Trainer } from './trainer.js';
export type { ResidualWriter } from './trainer.js';
