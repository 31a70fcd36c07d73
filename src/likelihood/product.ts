/**
 * @module likelihood/product
 *
 * Two families over one network: its first outputs are those of one, the others those of the second, and given x the labels are
 * independent, p(y, z|x) = p(y|x) p(z|x). Then δ is the one residual after the other, and
 *
 *   I(h) = diag(I₁(h₁), I₂(h₂)),   columns (Δ₁, 0) and (0, Δ₂) with the weights of each
 *
 * Only what inverses of the Fisher ask for: a product of a family whose labels are enumerated and one of independent components is of
 * neither kind, so its label variance has no closed form here. Use: policy and value of one trunk (Y. Wu et al., NeurIPS 2017, §3.1).
 */
import { UniformStream } from '../core/random.js';
import { room, wholeSpan } from './batch.js';
import type { Labels, Likelihood, Outputs } from './types.js';

/** What scores and Fisher of a network are made of. */
export type ScoreFamily = Pick<
  Likelihood,
  'weightedColumns' | 'columns' | 'information' | 'labelWidth' | 'sample' | 'residual'
>;

/** Outputs from…from+T−1 of each row, copied. */
export function someOutputs(h: Outputs, from: number, T: number): Outputs {
  const data = new Float64Array(h.n * T);
  copyRows(h.n, T, { data: h.data, at: from, width: h.T }, { data, at: 0, width: T });
  return { data, n: h.n, T };
}

/**
 * `first` on the first `firstOutputs` outputs, `second` on the others. Draws of `second` have a stream of their own.
 * @throws FimError with `random/seed`
 */
export function productOf(first: ScoreFamily, firstOutputs: number, second: ScoreFamily): ScoreFamily {
  const partsOf = (T: number): readonly Part[] => {
    const rest = T - firstOutputs;
    return [
      { family: first, at: 0, T: firstOutputs, label: 0, column: 0 },
      {
        family: second,
        at: firstOutputs,
        T: rest,
        label: first.labelWidth(firstOutputs),
        column: first.weightedColumns(firstOutputs),
      },
    ];
  };
  const sum = (T: number, of: 'weightedColumns' | 'labelWidth'): number =>
    first[of](firstOutputs) + second[of](T - firstOutputs);

  return {
    weightedColumns: (T) => sum(T, 'weightedColumns'),
    labelWidth: (T) => sum(T, 'labelWidth'),

    columns(h, out, weights, span = wholeSpan(sum(h.T, 'weightedColumns'))) {
      const { n, T } = h;
      room(out, n * span.count * T, 'columns');
      room(weights, n * span.count, 'columns');
      out.fill(0, 0, n * span.count * T);
      for (const part of partsOf(T)) {
        const from = Math.max(span.from - part.column, 0);
        const to = Math.min(span.from + span.count - part.column, part.family.weightedColumns(part.T));
        const count = to - from;
        if (count <= 0) continue;
        const ct = new Float64Array(n * count * part.T);
        const w = new Float64Array(n * count);
        part.family.columns(someOutputs(h, part.at, part.T), ct, w, { from, count });
        const first = from + part.column - span.from;
        copyRows(n, count, { data: w, at: 0, width: count }, { data: weights, at: first, width: span.count });
        for (let k = 0; k < count; k++) {
          copyRows(
            n,
            part.T,
            { data: ct, at: k * part.T, width: count * part.T },
            { data: out, at: (first + k) * T + part.at, width: span.count * T },
          );
        }
      }
    },

    information(h, out) {
      const { n, T } = h;
      room(out, n * T * T, 'information');
      out.fill(0, 0, n * T * T);
      for (const part of partsOf(T)) {
        const block = new Float64Array(n * part.T * part.T);
        part.family.information(someOutputs(h, part.at, part.T), block);
        for (let a = 0; a < part.T; a++) {
          copyRows(
            n,
            part.T,
            { data: block, at: a * part.T, width: part.T * part.T },
            { data: out, at: (part.at + a) * T + part.at, width: T * T },
          );
        }
      }
    },

    sample(h, draws, labels) {
      for (const part of partsOf(h.T)) {
        // The same key in the same stream would be the same uniform: labels that go together.
        const { stream } = draws;
        const own = part.label === 0 ? stream : new UniformStream(stream.seed, `${stream.stream}/second`);
        const drawn = partLabels(part, h.n, labels.count);
        part.family.sample(someOutputs(h, part.at, part.T), { ...draws, stream: own }, drawn);
        copyRows(h.n * labels.count, drawn.width, ...between(drawn, labels, part.label));
      }
    },

    residual(h, labels, out) {
      const { n, T } = h;
      const rows = n * labels.count;
      room(out, rows * T, 'residual');
      for (const part of partsOf(T)) {
        const own = partLabels(part, n, labels.count);
        const [to, from] = between(own, labels, part.label);
        copyRows(rows, own.width, from, to);
        const delta = new Float64Array(rows * part.T);
        part.family.residual(someOutputs(h, part.at, part.T), own, delta);
        copyRows(rows, part.T, { data: delta, at: 0, width: part.T }, { data: out, at: part.at, width: T });
      }
    },
  };
}

/** One of the two, with where its outputs, labels and columns begin. */
interface Part {
  readonly family: ScoreFamily;
  readonly at: number;
  readonly T: number;
  readonly label: number;
  readonly column: number;
}

/** Rows of `width` numbers, from the `at`-th of each. */
export interface Rows {
  readonly data: Float64Array | Float32Array;
  readonly at: number;
  readonly width: number;
}

/** Rows of one array into those of another. */
export function copyRows(rows: number, count: number, from: Rows, to: Rows): void {
  for (let i = 0; i < rows; i++) {
    const source = i * from.width + from.at;
    const target = i * to.width + to.at;
    for (let j = 0; j < count; j++) to.data[target + j] = from.data[source + j];
  }
}

function partLabels({ family, T }: Part, n: number, count: number): Labels {
  const width = family.labelWidth(T);
  return { data: new Float64Array(n * count * width), count, width };
}

/** Labels of one part, and their place in those of both. */
function between(own: Labels, both: Labels, at: number): [Rows, Rows] {
  return [
    { data: own.data, at: 0, width: own.width },
    { data: both.data, at, width: both.width },
  ];
}
