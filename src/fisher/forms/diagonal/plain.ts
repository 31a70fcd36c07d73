/**
 * @module fisher/forms/diagonal/plain
 *
 * Sums of the diagonal as arrays by name, and back without a copy:
 *
 *   counts                      examples, Σω, Σω², labels off the mode (NaN: a density), examples and weight that doubts were measured on
 *   doubts                      one number a doubt
 *   ROLE/moments                of the entries: examples, and where they are weighted Σω, Σω²
 *   ROLE/{mean,m2,label,lean}/P by parameter: mean, Σ(f − mean)², Σ𝒱, and where examples are weighted Σω²(f − F)
 *   ROLE/{termRows,termColumns,deviationRows,deviationColumns}/P   the largest |f| and √𝒱 of each row and column
 *   ROLE/totals                 [sets of parameters, numbers]: the state of each total (totals.ts)
 *
 * ROLE is `value`, and `spread` where the errors come from other columns.
 */
import { WeightedArrayMoments } from '../../../stats/weighted-moments.js';
import { Counts } from '../../counts.js';
import type { Subject } from '../../subject.js';
import type { SumsPart } from '../sums.js';
import { type AnyGroup, emptyTotals, type Group } from './groups.js';
import type { Gathered } from './assemble.js';
import type { DiagonalSums, PassSums } from './sums.js';
import { type TensorArrays, TensorSums } from './tensor-sums.js';

/** Tensors, layers, total, as `groupsOf` has them. */
export function setsOf({ tensors, layers }: Subject): Group[] {
  const names = tensors.map((t) => t.name);
  return [
    ...names.map((name): Group => ({ kind: 'tensor', name, parameters: [name] })),
    ...layers.map(({ name, parameters }): Group => ({ kind: 'layer', name, parameters })),
    { kind: 'total', name: 'total', parameters: names },
  ];
}

/** The arrays of the sums, which stay theirs. */
export function toPart({ value, spread }: DiagonalSums, counts: Counts): SumsPart {
  return {
    ...counts.toArrays(),
    ...passPart('value', value),
    ...(spread === value ? {} : passPart('spread', spread)),
  };
}

function passPart(role: string, { tensors, totals }: PassSums): SumsPart {
  const part: Record<string, Float64Array> = {};
  for (const [name, { f, label, terms, deviations }] of tensors) {
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
  }
  part[`${role}/totals`] = Float64Array.from(totals.flatMap((t) => t.state()));
  return part;
}

/** Of each tensor; the last only of weighted examples. */
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
  weighted: boolean,
  groups: readonly AnyGroup[] = setsOf(subject),
): Gathered {
  const value = passOf('value', part, subject, groups, weighted);
  const spread = 'spread/totals' in part ? passOf('spread', part, subject, groups, weighted) : value;
  return { counts: Counts.fromArrays(part), groups, value, spread };
}

function passOf(
  role: string,
  part: SumsPart,
  { tensors }: Subject,
  groups: readonly AnyGroup[],
  weighted: boolean,
): PassSums {
  const moments = part[`${role}/moments`];
  const states = part[`${role}/totals`];
  const totals = emptyTotals(groups, false, weighted);
  const width = states.length / groups.length;
  totals.forEach((t, g) => t.restore(states.subarray(g * width, (g + 1) * width)));
  return {
    totals,
    tensors: new Map(
      tensors.map(({ name, shape }) => {
        const arrays = Object.fromEntries(
          ARRAYS.flatMap((key) => {
            const a = part[`${role}/${key}/${name}`] as Float64Array | undefined;
            return a ? [[key, a]] : [];
          }),
        );
        // The variance over draws is in the sums already: they take no batch any more.
        const sums = new TensorSums(name, shape, 1, weighted, arrays);
        [sums.f.count] = moments;
        if (sums.f instanceof WeightedArrayMoments) [, sums.f.weight, sums.f.squares] = moments;
        return [name, sums];
      }),
    ),
  };
}
