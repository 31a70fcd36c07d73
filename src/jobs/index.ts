/** @module jobs — work that takes a while: training on a data set, with progress and interruption. */
export { evaluateWith, fit, labelled } from './fit.js';
export type { EpochResult, Evaluation, FitOptions, Fitted, Forward, Labelled } from './fit.js';
export { yielding } from './yielding.js';
export { runEstimate } from './estimate.js';
export type { EstimateListener, EstimateRequest, EstimateSubject } from './estimate.js';
export { readEntryWeights } from './entry-weights.js';
export type { IdleParameter } from './entry-weights.js';
export { OutOfReach } from './out-of-reach.js';
export { decideEstimate, denseShardSums, mergeShards, shardSums } from './shard.js';
export type { DecidedEstimate, ShardNumber, ShardOf, ShardPlaces } from './shard.js';
export type { DecidedRequest, PlainWeights } from './decided-estimate.js';
export type { DecidedTarget, DecidedVisits } from './decided-visits.js';
export { settleTarget } from './target-parts.js';
export type { Settled } from './target-parts.js';
export type { Reached } from './target.js';
export type { Refusal } from './out-of-reach.js';
export { mergeDenseShards, missingSpans } from './merge-shards.js';
export type { MergeOptions } from './merge-shards.js';
