/**
 * @module jobs/layer-record
 *
 * One layer at one moment as plain numbers: what `structureOf` says of it, and how far each bound is from the variance it bounds,
 *
 *   ratio = Σ_i E bound_i / Σ_i E 𝒱_i   over the layer's entries,
 *
 * for the bound of P24 Theorem 4.1 (`matrix`: λ_max of the matricised M in place of the Z-eigenvalue, which it bounds), of Theorem 5.2
 * (`softmax`: 2m), and for the smallest certified bound of each entry (`tight`). Null where 𝒱 is 0 or the bound does not exist.
 */
import type { TensorProfile } from '../fisher/closed-forms/profile.js';
import { significant } from './spread.js';
import type { Jackknifed, LayerStructure, Structure } from './profile.js';

/** A layer's profile as a row: means over its parameters, with standard errors. */
export interface LayerRecord {
  /** Name of the layer. */
  readonly layer: string;
  /** Number of parameters. */
  readonly parameters: number;
  /** Mean of the Fisher's diagonal. */
  readonly fisher: number;
  /** Standard error of `fisher`. */
  readonly fisher_se: number | null;
  /** Standard deviation of type 1 at one label. */
  readonly sd1: number;
  /** Standard error of `sd1`. */
  readonly sd1_se: number | null;
  /** Standard deviation of type 2 at one label. */
  readonly sd2: number;
  /** Standard error of `sd2`. */
  readonly sd2_se: number | null;
  /** Bound on `sd1`; null: none holds. */
  readonly bound1: number | null;
  /** Standard error of `bound1`. */
  readonly bound1_se: number | null;
  /** Bound on `sd2`; null: none holds. */
  readonly bound2: number | null;
  /** Standard error of `bound2`. */
  readonly bound2_se: number | null;
  /** Which bound `bound1` is. */
  readonly bound1Name: string | null;
  /** Which bound `bound2` is. */
  readonly bound2Name: string | null;
  /** `matrix` over the variance of type 1. */
  readonly ratio1Matrix: number | null;
  /** `softmax` over the variance of type 1. */
  readonly ratio1Softmax: number | null;
  /** `tight` over the variance of type 1. */
  readonly ratio1Tight: number | null;
  /** `matrix` over the variance of type 2. */
  readonly ratio2Matrix: number | null;
  /** `softmax` over the variance of type 2. */
  readonly ratio2Softmax: number | null;
  /** `tight` over the variance of type 2. */
  readonly ratio2Tight: number | null;
}

/** The numeric fields, in the order of a table. */
export const LAYER_FIELDS = [
  'parameters',
  'fisher',
  'fisher_se',
  'sd1',
  'sd1_se',
  'sd2',
  'sd2_se',
  'bound1',
  'bound1_se',
  'bound2',
  'bound2_se',
  'bound1Name',
  'bound2Name',
  'ratio1Matrix',
  'ratio1Softmax',
  'ratio1Tight',
  'ratio2Matrix',
  'ratio2Softmax',
  'ratio2Tight',
] as const satisfies readonly (keyof LayerRecord)[];

/** Every layer of a structure. */
export function layerRecords(structure: Structure): LayerRecord[] {
  return structure.layers.map((l) => record(l, structure));
}

function record(l: LayerStructure, { profile }: Structure): LayerRecord {
  const tensors = profile.tensors.filter((t) => l.parameters.includes(t.name));
  const value = (f: Jackknifed | null) => (f ? significant(f.value) : null);
  const error = (f: Jackknifed | null) => (f && Number.isFinite(f.se) ? significant(f.se, 3) : null);
  const ratio = (type: 1 | 2, name: string | null) => {
    const r = looseness(tensors, type, name);
    return r === null ? null : significant(r, 4);
  };
  return {
    layer: l.name,
    parameters: tensors.reduce((sum, t) => sum + t.fisher.length, 0),
    fisher: significant(l.fisher.value),
    fisher_se: error(l.fisher),
    sd1: significant(l.sd1.value),
    sd1_se: error(l.sd1),
    sd2: significant(l.sd2.value),
    sd2_se: error(l.sd2),
    bound1: value(l.bound1),
    bound1_se: error(l.bound1),
    bound2: value(l.bound2),
    bound2_se: error(l.bound2),
    bound1Name: l.bound1Name,
    bound2Name: l.bound2Name,
    ratio1Matrix: ratio(1, 'matrix'),
    ratio1Softmax: ratio(1, 'softmax'),
    ratio1Tight: ratio(1, null),
    ratio2Matrix: ratio(2, 'matrix'),
    ratio2Softmax: ratio(2, 'softmax'),
    ratio2Tight: ratio(2, null),
  };
}

/** Σ bound / Σ variance; `name` null takes the smallest bound of each entry. */
function looseness(tensors: readonly TensorProfile[], type: 1 | 2, name: string | null): number | null {
  let [bound, variance] = [0, 0];
  for (const t of tensors) {
    const bounds = type === 1 ? t.bounds1 : t.bounds2;
    const values = type === 1 ? t.type1 : t.type2;
    const chosen = name === null ? [...bounds.values()] : [bounds.get(name)].filter((b) => b !== undefined);
    if (chosen.length === 0) return null;
    for (let i = 0; i < values.length; i++) {
      variance += values[i];
      bound += Math.min(...chosen.map((b) => b[i]));
    }
  }
  return variance > 0 ? bound / variance : null;
}

/** What a field of a CSV file can hold; null and undefined leave it empty. */
export type Cell = string | number | boolean | null | undefined;

/** A CSV cell: empty for null, quoted where it must be. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A CSV table with a heading. */
export function csvTable(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [heading, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('');
}
