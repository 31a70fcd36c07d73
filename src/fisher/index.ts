/**
 * @module fisher
 *
 * The Fisher information with the standard error of every number.
 */
// ---- estimates ----
export { estimateDiagonal, estimateMixed } from './diagonal.js';
export type { DiagonalOptions, Progress } from './options.js';
export type { EntryWeights } from './entry-weights.js';
export { readExampleWeights } from './example-weights.js';
export type { ExampleWeights, ReadWeights } from './example-weights.js';
export type { ExampleBatch, ExampleSource } from './source.js';
export type { Proxies } from './proxy/proxies.js';
export { meanMetric, METRIC_EXAMPLES } from './proxy/metric.js';
export type { OutputMetric } from './proxy/metric.js';
export {
  drawsNeeded,
  MOST_DRAWS,
  partsAt,
  pilotFromFigures,
  pilotSize,
  pilotTerms,
  topUp,
  varianceWith,
  visitsNeeded,
} from './visits-needed.js';
export type { ErrorLaw, PilotFigures, PilotTerms, VarianceParts } from './visits-needed.js';
export { visitGain } from './visit-gain.js';
export type { VisitGain } from './visit-gain.js';
export type { VisitDesign } from './visits.js';
export { chooseByLayer, estimateByLayer } from './auto.js';
export type { AutoEstimator, LayerChoice, LayerOptions } from './auto.js';
export { adviseEstimator, chooseEstimator } from './choose.js';
export { estimatorCost, estimatorOperations } from './cost.js';
export type { Priced } from './cost.js';
export type { Advice, Asked, Chosen } from './choose.js';
export { COMPARED, recommend } from './recommend.js';
export type { Compared, Price, Recommendation, RecommendationRequest, Variances } from './recommend.js';
export { measureSets, measureVariances } from './variance-pilot.js';
export type { PilotRequest, Question } from './variance-pilot.js';
export type {
  DiagonalEstimate,
  DoubtEstimate,
  EntriesEstimate,
  ErrorSource,
  Estimator,
  EstimatorChoice,
  Figure,
  GroupsByInput,
  GroupSums,
  LargeEntry,
  LayerEstimate,
  MarginFigures,
  NamedFigure,
  Population,
  TensorEstimate,
  Visiting,
  VisitingChoice,
} from './estimate.js';
export { entriesNote } from './entry-coverage.js';
export { DRAW_ERRORS, ESTIMATOR_NAMES, POPULATIONS, VISITING_CHOICES, VISITINGS } from './estimate.js';
export { FEW_OFF_MODE, HIGH_SKEWNESS } from './warnings.js';
// ---- sums over examples as plain data ----
export { denseSums, diagonalSums } from './sums/make.js';
export { sumsByLayer } from './sums/by-layer.js';
export type { PartOptions, SumsOptions } from './sums/make.js';
export type { DrawnVisits, VisitSpan } from './diagonal.js';
export { groupSums, mergeSums } from './sums/merge.js';
export { joinLayerRanges, joinRanges } from './sums/ranges.js';
export type { SumsRange } from './forms/sums.js';
export { estimateFromSums } from './sums/estimate.js';
export { sumsFromArrays, sumsToArrays } from './sums/arrays.js';
export type { SumsFile, SumsReader } from './sums/arrays.js';
export { digestOfTensors } from './sums/digests.js';
export { SUMS_VERSION } from './forms/sums.js';
export type {
  AskedMargin,
  AskedTotal,
  FigureOptions,
  FisherSums,
  FormName,
  KnownVisits,
  SumsAsked,
  SumsDigests,
  SumsPart,
  SumsSettings,
  SumsVisits,
} from './forms/sums.js';
export type { KnownProxies } from './meter.js';
export type { FormEstimates } from './forms/table.js';
export { DEFAULT_GROUPS, groupOf } from './example-groups.js';
export type { ExampleGroups } from './example-groups.js';
export type { Subject, SubjectDoubt } from './subject.js';
// ---- scores ----
export { scoresOf } from '../scores/index.js';
export { SHARINGS } from '../scores/index.js';
export type { FactorRows, NeuronMoves, Score, ScorePeaks, Sharing, TableScore } from '../scores/index.js';
// ---- forms by layer ----
export { basesFrom, basesOf } from './forms/layers/basis.js';
export type { BasisArrays } from './forms/layers/basis.js';
export { LAYER_FORMS } from './forms/layers/items.js';
export { estimateLayers, planLayers } from './forms/layers/layers.js';
export type { LayersOptions, LayersPlan } from './forms/layers/layers.js';
export type { LayerArray, LayersEstimate } from './forms/layers/estimate.js';
export type { Bases, Basis, FormedLayer, LayerForm, LayerItem, SumsLayers } from './forms/layers/items.js';
export type { Layer as FormLayer, LayerMatrix } from '../scores/layers.js';
export { chooseExactPairs, EXAMPLES_OF_PAIRS, meanShares } from './exact-pairs.js';
export type { ExactPairs, PairsRequest } from './exact-pairs.js';
export { DEFAULT_BUDGET, givenBudget, planMemory } from './memory.js';
export type { Holding, MemoryPlan } from './memory.js';
export type { Group } from './forms/diagonal/groups.js';
// ---- graphs that stand alone ----
export { compileFisher } from './compile/compile.js';
export type { CompileOptions } from './compile/compile.js';
export { COMPILED_ESTIMATORS } from './compile/columns.js';
export type { CompiledEstimator } from './compile/columns.js';
export { COMPILED_STATISTICS } from './compile/statistics.js';
export type { CompiledStatistic } from './compile/statistics.js';
export { readCompiled } from './compile/metadata.js';
export type { CompiledMetadata, SaidInput, SaidOutput, SaidShape } from './compile/metadata.js';
// ---- how good forms are ----
export { formErrors, FORM_ESTIMATORS } from './form-error/form-errors.js';
export type { FormErrorOptions, FormErrors, FormOfLayer, LayerFormErrors } from './form-error/form-errors.js';
export { COMPARED_FORMS } from './form-error/forms.js';
export type { ComparedForm } from './form-error/forms.js';
export type { FormError } from './form-error/figure.js';
// ---- other forms and columns ----
export { poolWeights, pooledWeights } from './closed-forms/pooled.js';
export { estimateDense } from './forms/dense/dense.js';
export type { DenseEstimate, DenseOptions, DenseProgress } from './forms/dense/dense.js';
export { LARGEST_DENSE } from './forms/dense/size.js';
export { curvedNodes, typeTwoIsExact } from '../scores/second/exactness.js';
export { inNaturalForm } from './curved/natural.js';
export { TYPE_ONE_BOUNDS, TYPE_TWO_BOUNDS, varianceProfile } from './closed-forms/profile.js';
export type { Profile, ProfileOptions, ProfileResult, TensorProfile } from './closed-forms/profile.js';
export { denseMoments, rowSums } from './forms/dense/moments.js';
export type { DenseMoments } from './forms/dense/moments.js';
export { derivatives } from './forms/dense/derivatives.js';
export type { BatchDerivatives, PairDerivatives, SiteDerivatives } from './forms/dense/derivatives.js';
export { elementsOf } from './forms/dense/elements.js';
export type { Element, ExampleElements } from './forms/dense/elements.js';
