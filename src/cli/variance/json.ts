/**
 * @module cli/variance/json
 *
 * JSON of `fim variance`: what it prints of layers and of the whole network. A number that is null has its reason in `missing` beside it.
 */
import type { Advice } from '../../fisher/index.js';
import type { BlockError } from '../../jobs/block-errors.js';
import type { Jackknifed, LayerStructure } from '../../jobs/profile.js';
import type { BlockReport, VarianceReport } from '../../jobs/variance-report.js';

/** A layer, entry by entry and as a block. */
export function layerJson(l: LayerStructure, report: BlockReport, advice: Advice): Record<string, unknown> {
  const pair = (name: string, f: Jackknifed | null) => ({
    [name]: f?.value ?? null,
    [`${name}_se`]: f && Number.isFinite(f.se) ? f.se : null,
  });
  const { missing, ...block } = blockJson(report);
  const reasons = [
    ...(Number.isFinite(l.fisher.se) ? [] : ['too few inputs for standard errors']),
    ...(l.bound1 && l.bound2 ? [] : ['no certified bound of this family and type is finite']),
    ...missing,
  ];
  return {
    name: l.name,
    parameters: l.parameters,
    ...pair('fisher', l.fisher),
    ...pair('sd1', l.sd1),
    ...pair('sd2', l.sd2),
    ...pair('bound1', l.bound1),
    ...pair('bound2', l.bound2),
    bound1Name: l.bound1Name,
    bound2Name: l.bound2Name,
    ...block,
    recommended: advice.estimator,
    reason: reasonOf(l, advice),
    paperRule: l.paperRule,
    ...missingJson(reasons),
  };
}

/** Why the advice, and why the paper's rule. */
export const reasonOf = ({ paperReason }: LayerStructure, { reason }: Advice): string =>
  `${reason}; ${paperReason}`;

/** The whole network, and what the labels' law says of type 1. */
export function wholeJson({
  whole,
  laws,
  goal,
  costs,
  repeats,
  advice,
}: VarianceReport): Record<string, unknown> {
  const { missing, ...block } = blockJson(whole);
  return {
    ...block,
    recommended: advice.whole.estimator,
    reason: advice.whole.reason,
    ...missingJson(missing),
    targetError: goal.target,
    level: goal.level,
    operationsPerInput: costs.input,
    operationsPerLabel: costs.label,
    ...(repeats.type1 === null ? {} : { repeats1: repeats.type1 }),
    ...(repeats.type2 === null ? {} : { repeats2: repeats.type2 }),
    whitened: withoutNull(laws.whitened),
    estimates: { zEigenvalues: laws.zEigenvalues },
  };
}

function blockJson({ block, sizes, bounds }: BlockReport): Record<string, unknown> & { missing: string[] } {
  const error = (name: string, { value, se, by }: BlockError) => ({
    [name]: value,
    [`${name}_se`]: se,
    [`${name}_by`]: by,
  });
  const mean = block.moments?.mean ?? null;
  const norm = mean && Math.sqrt(mean.value);
  const spread = mean && norm !== null && norm > 0 ? mean.standardError / (2 * norm) : NaN;
  const missing = [
    ...(block.frobenius1.missing === null ? [] : [`frobenius1: ${block.frobenius1.missing}`]),
    ...(block.frobenius2.missing === null ? [] : [`frobenius2: ${block.frobenius2.missing}`]),
    ...(mean || !block.moments ? [] : ['norm: two inputs are needed']),
    ...(mean && !Number.isFinite(spread) ? ['norm_se: three inputs and a norm above 0 are needed'] : []),
    ...sizes.missing,
  ];
  return {
    norm,
    norm_se: Number.isFinite(spread) ? spread : null,
    ...error('frobenius1', block.frobenius1),
    ...error('frobenius2', block.frobenius2),
    bounds: Object.fromEntries([...bounds].map(([name, bound]) => [name, withoutNull(bound)])),
    sampleSizes: { block: sizes.block, trace: sizes.trace },
    optimalLabels: sizes.labels,
    missing,
  };
}

const missingJson = (reasons: readonly string[]) =>
  reasons.length === 0 ? {} : { missing: reasons.join('; ') };

/** The record without a reason where none is needed. */
function withoutNull<T extends { readonly missing: string | null }>(record: T): Record<string, unknown> {
  const { missing, ...rest } = record;
  return missing === null ? rest : { ...rest, missing };
}
