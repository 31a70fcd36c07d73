/**
 * @module fisher/forms/diagonal/plain
 *
 * Sums of the diagonal as arrays by name, and back without a copy:
 *
 *   counts                      examples, Σω, Σω², labels off the mode (NaN: a density), examples and weight that doubts were measured on
 *   doubts                      one number a doubt
 *   ROLE/moments                of the entries: examples, and where they are weighted Σω, Σω²
 *   ROLE/{mean,m2,label,lean}/P by parameter: mean, Σ(f − mean)², Σ𝒱, and where examples are weighted Σω²(f − F)
 *   ROLE/{tiltSquares,tiltLabel}/P   Σuf², Σu𝒱 of weighted visits for a distribution
 *   ROLE/{termRows,termColumns,deviationRows,deviationColumns}/P   the largest |f| and √𝒱 of each row and column
 *   ROLE/totals                 [sets of parameters, numbers]: the state of each total (totals.ts)
 *   trail/…                     terms of the stated totals by their places (trail.ts), of a part of an estimate's visits
 *
 * ROLE is `value`, and `spread` where the errors come from other columns.
 */
import { WeightedArrayMoments } from '../../../stats/weighted-moments.js';
import { Counts } from '../../counts.js';
import type { Subject } from '../../subject.js';
import type { SumsAsked, SumsPart } from '../sums.js';
import { emptyTotals, type Group, isStated, type SumGroup } from './groups.js';
import type { Gathered } from './assemble.js';
import type { DiagonalSums, PassSums } from './sums.js';
import { type TensorArrays, TensorSums } from './tensor-sums.js';
import type { TotalSums } from './totals.js';
import { Trail } from './trail.js';
import { VisitTotals } from './visit-totals.js';

/** Tensors, layers, total, as `groupsOf` has them, and what was asked for beside. */
export function setsOf({ tensors, layers }: Subject, asked: SumsAsked | null = null): SumGroup[] {
  const names = tensors.map((t) => t.name);
  const stated = [
    ...names.map((name): Group => ({ kind: 'tensor', name, parameters: [name] })),
    ...layers.map(({ name, parameters }): Group => ({ kind: 'layer', name, parameters })),
    { kind: 'total' as const, name: 'total', parameters: names },
  ];
  return asked === null ? stated : [...stated, ...asked.totals, ...asked.margins];
}

/** How sums are kept beside the subject. */
export interface Keeping {
  /** Whether examples are weighted. */
  readonly weighted: boolean;
  /** Whether they are of visits with unequal probabilities. */
  readonly visits: boolean;
  /** Terms in a block of the trails. */
  readonly block: number;
}

/** The arrays of the sums, which stay theirs. */
export function toPart({ value, spread }: DiagonalSums, counts: Counts): SumsPart {
  return {
    ...counts.toArrays(),
    ...passPart('value', value),
    ...(spread === value ? {} : passPart('spread', spread)),
    ...trailPart(value.totals),
  };
}

function passPart(role: string, { tensors, totals }: PassSums): SumsPart {
  const part: Record<string, Float64Array> = {};
  for (const [name, { f, label, terms, deviations, tilt }] of tensors) {
    const weighted = f instanceof WeightedArrayMoments;
    part[`${role}/moments`] = weighted
      ? Float64Array.of(f.count, f.weight, f.squares)
      : Float64Array.of(f.count);
    part[`${role}/mean/${name}`] = f.mean;
    part[`${role}/m2/${name}`] = f.m2;
    part[`${role}/label/${name}`] = label;
    part[`${role}/termRows/${name}`] = terms.rows;
    part[`${role}/termColumns/${name}`] = terms.columns;
    part[`${role}/deviationRows/${name}`] = deviations.rows;
    part[`${role}/deviationColumns/${name}`] = deviations.columns;
    if (weighted) part[`${role}/lean/${name}`] = f.lean;
    if (tilt) part[`${role}/tiltSquares/${name}`] = tilt.squares;
    if (tilt) part[`${role}/tiltLabel/${name}`] = tilt.label;
  }
  part[`${role}/totals`] = Float64Array.from(totals.flatMap((t) => t.state()));
  return part;
}

/** Places are the same in every trail. */
function trailPart(totals: readonly TotalSums[]): SumsPart {
  const kept = totals.flatMap(({ trail }) => (trail ? [trail.kept] : []));
  if (kept.length === 0) return {};
  const [{ places, index, counts }] = kept;
  return {
    'trail/places': Float64Array.from(places),
    'trail/first': Float64Array.from(kept.flatMap((t) => t.first)),
    'trail/index': Float64Array.from(index),
    'trail/counts': Float64Array.from(counts),
    'trail/sums': Float64Array.from(kept.flatMap((t) => t.sums)),
  };
}

function restoreTrails(
  part: SumsPart,
  groups: readonly SumGroup[],
  totals: TotalSums[],
  block: number,
): void {
  if (!('trail/places' in part)) return;
  const [places, first, index, counts, sums] = ['places', 'first', 'index', 'counts', 'sums'].map((name) =>
    Array.from(part[`trail/${name}`]),
  );
  let at = 0;
  totals.forEach((total, g) => {
    if (!isStated(groups[g])) return;
    const row = <T>(values: T[], width: number) => values.slice(at * width, (at + 1) * width);
    total.trail = Trail.from(
      { places, index, counts, first: row(first, places.length), sums: row(sums, index.length) },
      block,
    );
    at += 1;
  });
}

/** Of each tensor; `lean` only of weighted examples. */
const ARRAYS = [
  'mean',
  'm2',
  'label',
  'termRows',
  'termColumns',
  'deviationRows',
  'deviationColumns',
  'lean',
] as const satisfies readonly (keyof TensorArrays)[];

/** Sums that go on with the arrays of a part, and change them; `groups`: the totals that it has, by default those of the subject. */
export function fromPart(
  part: SumsPart,
  subject: Subject,
  keeping: Keeping,
  groups: readonly SumGroup[] = setsOf(subject),
): Gathered {
  const value = passOf('value', part, subject, groups, keeping);
  const spread = 'spread/totals' in part ? passOf('spread', part, subject, groups, keeping) : value;
  restoreTrails(part, groups, [...value.totals], keeping.block);
  return { counts: Counts.fromArrays(part), groups, value, spread };
}

function passOf(
  role: string,
  part: SumsPart,
  { tensors }: Subject,
  groups: readonly SumGroup[],
  { weighted, visits }: Keeping,
): PassSums {
  const moments = part[`${role}/moments`];
  const states = part[`${role}/totals`];
  const totals = visits ? groups.map(() => new VisitTotals()) : emptyTotals(groups, false, weighted);
  const width = states.length / groups.length;
  totals.forEach((t, g) => t.restore(states.subarray(g * width, (g + 1) * width)));
  return {
    totals,
    tensors: new Map(
      tensors.flatMap(({ name, shape }): [string, TensorSums][] => {
        // Totals by themselves have no entries.
        if (!(`${role}/mean/${name}` in part)) return [];
        const arrayOf = (key: string) => part[`${role}/${key}/${name}`] as Float64Array | undefined;
        const arrays = Object.fromEntries(
          ARRAYS.flatMap((key) => {
            const a = arrayOf(key);
            return a ? [[key, a]] : [];
          }),
        );
        // The variance over draws is in the sums already: they take no batch any more.
        const sums = new TensorSums(name, shape, 1, weighted, arrays, groups.length > 0);
        [sums.f.count] = moments;
        if (sums.f instanceof WeightedArrayMoments) [, sums.f.weight, sums.f.squares] = moments;
        const [squares, label] = [arrayOf('tiltSquares'), arrayOf('tiltLabel')];
        if (squares && label) sums.tilt = { squares, label };
        return [[name, sums]];
      }),
    ),
  };
}
