/**
 * @module doors/jobs
 *
 * The public door `fim/jobs`: work that takes a while (training, estimates, networks that learn digits), and what sums up many runs.
 */
export * from '../jobs/index.js';
export type { AskedRoot, RootedRequest } from '../jobs/request.js';
export type { RangeOf } from '../jobs/ranges.js';
// ---- networks that learn digits ----
export {
  CLASSES,
  continueDigits,
  digitsLikelihood,
  profileStage,
  sourceOf,
  trainDigits,
} from '../jobs/digits-networks.js';
export type {
  Architecture,
  Hooks,
  StageRecord,
  Trained,
  StudyData,
  StudySizes,
  Training,
} from '../jobs/digits-networks.js';
// ---- layers as records ----
export { csvTable, LAYER_FIELDS } from '../jobs/layer-record.js';
export type { Cell, LayerRecord } from '../jobs/layer-record.js';
// ---- many runs as a few numbers ----
export { bandOf, logSlope, quantile, significant } from '../jobs/spread.js';
export type { Band, Slope } from '../jobs/spread.js';
