/**
 * @module rl
 *
 * Environments whose numbers are Gymnasium's, in TypeScript and fast: made by name, checked, saved and restored exactly.
 */
// ---- environments ----
export { environment, listEnvironments, make, register } from './registry.js';
export { Environment } from './environment.js';
export type { Phase, Snapshot } from './environment.js';
export { checkEnvironment, randomAction } from './check.js';
export { checkRegistered } from './check-registered.js';
export type { CheckRegisteredOptions } from './check-registered.js';
export type { CheckOptions, Finding } from './check.js';
// ---- what an environment is, and how to write one ----
export { box, clipToBox, contains, describeSpace, discrete, lengthOf, unbounded } from './spaces.js';
export type {
  Action,
  BoxSpace,
  DiscreteSpace,
  Dynamics,
  EnvironmentSpec,
  Info,
  Outcome,
  ResetOptions,
  ResetResult,
  Space,
  StepBuffer,
  StepResult,
} from './types.js';
export type {
  DynamicsFactory,
  EnvironmentEntry,
  EnvironmentOptions,
  EnvironmentSettings,
  MakeOptions,
  ModuleIdentity,
  Registration,
} from './registration.js';
// ---- problems with exact answers ----
export { optimalReturn, softmaxPolicy, solveTabular } from './tabular/exact.js';
export type { TabularOptions, TabularSolution } from './tabular/exact.js';
export { Tabular, TransitionModel } from './tabular/model.js';
export type { Transition } from './tabular/model.js';
export { frozenLakeModel } from './tabular/frozen-lake.js';
export { Factored } from './tabular/solve.js';
export { optimalGain, solveLinearQuadratic } from './linear/exact.js';
export type { LinearOptions, LinearSolution } from './linear/exact.js';
export { DOUBLE_INTEGRATOR, Regulator } from './linear/regulator.js';
export type { LinearSystem } from './linear/regulator.js';
export * as matrices from './linear/matrix.js';
export type { Matrix } from './linear/matrix.js';
export { measureSteps } from './measure.js';
export type { MeasureOptions, Speed } from './measure.js';
// ---- many at once ----
export { makeVector } from './vector/make.js';
export { inProcess } from './vector/in-process.js';
export type { Rows, VectorEnvironment, VectorOptions } from './vector/types.js';
// ---- policies and rollouts ----
export { actorCritic } from './policies/actor-critic.js';
export type { ActorCritic, ActorCriticOptions } from './policies/actor-critic.js';
export { featureLength, features } from './policies/features.js';
export { orthogonal } from './policies/orthogonal.js';
export { Actor } from './rollout/actor.js';
export type { Heads } from './rollout/actor.js';
export { Collector } from './rollout/collector.js';
export type { CollectorOptions, Segment } from './rollout/collector.js';
export { generalisedAdvantages } from './rollout/advantages.js';
export type { SegmentValues } from './rollout/advantages.js';
export { ObservationNormaliser, RewardNormaliser } from './rollout/normalise.js';
export type { NormaliserState } from './rollout/normalise.js';
export type { Episode } from './rollout/episodes.js';
// ---- watching ----
export { recordEpisode } from './render/record.js';
export type { Recording, RecordOptions } from './render/record.js';
export { loadRasteriser, pictures } from './render/png.js';
export type { Rasterise, Resvg, ResvgDocument, ResvgImage, ResvgRendering } from './render/png.js';
export { watchPage } from './render/page.js';
export type { ThreeSource } from './render/page.js';
export { loadThree } from './render/three.js';
export type { Posed, Scene, Shape } from './render/scene.js';
export { playNetwork, playRandom } from './policies/play.js';
export type { Act, PlayOptions } from './policies/play.js';
// ---- training ----
export { Training } from './train/training.js';
export type { TrainingOptions, TrainingState } from './train/training.js';
export type { TrainSettings } from './train/settings.js';
export { evaluate } from './train/evaluate.js';
export type { EvaluateOptions, Evaluation, EvaluationFigure } from './train/evaluate.js';
export type { RecentReturns, ReturnFigure } from './train/returns.js';
export { policyNetwork } from './train/policy-network.js';
export { presetFor } from './presets/index.js';
export type { Preset, PresetSettings } from './presets/types.js';
export { withOverrides } from './train/overrides.js';
export type { Override, Overrides } from './train/overrides.js';
export { searchGrid, settingsGrid } from './train/grid-search.js';
export type { GridSearch, Trial, Tried } from './train/grid-search.js';
export { ALGORITHMS } from './algorithms/types.js';
export { createAlgorithm } from './algorithms/create.js';
export { algorithmOptions, completeOptions } from './algorithms/options.js';
export type { OptionSpec } from './algorithms/options.js';
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
export type {
  Algorithm,
  AlgorithmContext,
  AlgorithmName,
  Moment,
  OptionValues,
  UpdateMetrics,
} from './algorithms/types.js';
export { divergenceOf } from './policies/divergence.js';
export type { Divergence } from './policies/divergence.js';
