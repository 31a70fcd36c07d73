/**
 * @module doors/common
 *
 * The names of `fim` that need no disk: what Node and browsers share.
 */
// ---- networks ----
export { denseNetwork, loadNetwork, networkToOnnx, parameterCount } from '../model/index.js';
export type { DenseOptions, LoadedNetwork, Network, TrainedOn } from '../model/index.js';
export type { OpenedNetwork, OpenNetworkOptions } from '../data/index.js';
// ---- likelihoods ----
export { getLikelihood } from '../likelihood/index.js';
export type { Likelihood } from '../likelihood/index.js';
// ---- data ----
export { formatArrays, makeDataset } from '../data/index.js';
export type { Dataset, FileBytes, FileSource, OpenDatasetOptions } from '../data/index.js';
export { tensor } from '../core/tensor.js';
export { FLOAT_TYPES } from '../core/tensor.js';
export type { DType, FloatArray, FloatType, Tensor, TypedArray, TypedArrayOf } from '../core/tensor.js';
export { UniformStream } from '../core/random-keyed.js';
export { Sequence } from '../core/random-sequence.js';
export type { SequenceState, Shuffled } from '../core/random-sequence.js';
// ---- estimates ----
export type { EstimateOptions } from './estimate.js';
export type { FormEstimate, FormRequest, MatrixForm, WriteArrays } from '../jobs/index.js';
export { compileFisher, estimateDiagonal } from '../fisher/index.js';
export type {
  CompiledEstimator,
  CompiledStatistic,
  CompileOptions,
  DiagonalEstimate,
  EntryWeights,
  Figure,
  LargeEntry,
  LayerForm,
  MarginFigures,
  NamedFigure,
  TensorEstimate,
} from '../fisher/index.js';
// ---- training ----
export { fit, labelled, OutOfReach, readEntryWeights, runEstimate } from '../jobs/index.js';
export type { AskedRoot } from '../jobs/request.js';
export type {
  EpochResult,
  EstimateListener,
  EstimateRequest,
  EstimateSubject,
  Evaluation,
  FitOptions,
  Fitted,
  Labelled,
} from '../jobs/index.js';
export { adam, sgd } from '../optim/index.js';
// ---- settings ----
export { settings } from '../settings/settings.js';
export type { SettingsTable } from '../settings/settings.js';
export { GROUPS } from '../settings/row.js';
export type { Group, Row, Wording } from '../settings/row.js';
export { JOBS } from '../settings/jobs.js';
export type { JobName } from '../settings/jobs.js';
export type {
  BooleanSetting,
  ChoiceSetting,
  ListSetting,
  NamedSetting,
  NumericSetting,
  Range,
  Setting,
  SettingText,
  TextSetting,
} from '../core/settings/setting.js';
export { mentionsIn, sayMentions } from '../core/settings/reference.js';
export type { Mention, Mentioned, Placeholder } from '../core/settings/reference.js';
export type { OptionSpec } from '../rl/algorithms/options.js';
export type { AlgorithmName } from '../rl/algorithms/types.js';
// ---- errors ----
export { FimError } from '../core/errors.js';
export type { Complaint, ExitCode, FimErrorKind } from '../core/errors.js';
