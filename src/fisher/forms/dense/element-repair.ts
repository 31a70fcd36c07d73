/**
 * @module fisher/forms/dense/element-repair
 *
 * Spread and label variance of single elements over some examples, from their scores and by no difference of sums. O(nK) an element, and
 * O(nK²) for the variance of independent components.
 */
import type { DrawLaw, ExampleScores, Scored } from './example-scores.js';

/** Scores of all examples by parameter, [P, R], R the columns of all examples together. */
interface ByParameter {
  readonly scores: Float64Array;
  readonly columns: number;
  /** Where each example's columns begin. */
  readonly starts: readonly number[];
}

/** Makes single elements again. */
export class ElementRepair {
  private centre: ByParameter | null = null;
  private drawn: ByParameter | null = null;
  private readonly f: Float64Array;

  constructor(
    private readonly examples: readonly ExampleScores[],
    private readonly P: number,
  ) {
    this.f = new Float64Array(examples.length);
  }

  /** Σ ω²(f − c)², c = Σ ωf/Σ ω, of element (i, j). */
  spread(i: number, j: number): number {
    const { examples } = this;
    const centre = (this.centre ??= this.byParameter((e) => e.centre));
    const { scores, columns, starts } = centre;
    const { f } = this;
    let total = 0;
    let mean = 0;
    for (let e = 0; e < examples.length; e++) {
      const { weight, centre: of } = examples[e];
      const { weights } = of;
      const [a, b] = [i * columns + starts[e], j * columns + starts[e]];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * scores[a + k] * scores[b + k];
      f[e] = sum;
      total += weight;
      mean += (weight / total) * (sum - mean);
    }
    let sum = 0;
    for (let e = 0; e < examples.length; e++) sum += (examples[e].weight * (f[e] - mean)) ** 2;
    return sum;
  }

  /** Σ ω²𝒱 of element (i, j). */
  label(i: number, j: number): number {
    const drawn = (this.drawn ??= this.byParameter((e) => (e.draw as DrawLaw).of));
    let sum = 0;
    this.examples.forEach(({ weight, draw }, e) => {
      const law = draw as DrawLaw;
      const [a, b] = this.pair(drawn, e, law.of.weights.length, i, j);
      sum += weight * weight * VARIANCES[law.kind](a, b, law);
    });
    return sum;
  }

  /** The scores of one example at two parameters. */
  private pair({ scores, columns, starts }: ByParameter, e: number, K: number, i: number, j: number) {
    return [i, j].map((p) => scores.subarray(p * columns + starts[e], p * columns + starts[e] + K));
  }

  private byParameter(of: (example: ExampleScores) => Scored): ByParameter {
    const { examples, P } = this;
    const starts: number[] = [];
    let columns = 0;
    for (const example of examples) {
      starts.push(columns);
      columns += of(example).weights.length;
    }
    const scores = new Float64Array(P * columns);
    examples.forEach((example, e) => {
      const own = of(example).scores;
      for (let k = 0; k < own.length / P; k++)
        for (let p = 0; p < P; p++) scores[p * columns + starts[e] + k] = own[k * P + p];
    });
    return { scores, columns, starts };
  }
}

type Variance = (a: Float64Array, b: Float64Array, law: DrawLaw) => number;

/** Of one draw, by its law. */
const VARIANCES: Readonly<Record<DrawLaw['kind'], Variance>> = {
  enumerated(a, b, { of: { weights } }) {
    let fisher = 0;
    for (let k = 0; k < a.length; k++) fisher += weights[k] * a[k] * b[k];
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += weights[k] * (a[k] * b[k] - fisher) ** 2;
    return sum;
  },
  sampled(a, b) {
    let mean = 0;
    for (let k = 0; k < a.length; k++) mean += (a[k] * b[k]) / a.length;
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += (a[k] * b[k] - mean) ** 2;
    return sum / (a.length - 1);
  },
  pairwise(a, b, law) {
    const { weights } = law.of;
    const { fourth } = law as DrawLaw & { fourth: Float64Array };
    let sum = 0;
    for (let k = 0; k < a.length; k++) {
      sum += fourth[k] * (a[k] * b[k]) ** 2;
      for (let l = 0; l < k; l++) sum += weights[k] * weights[l] * (a[k] * b[l] + a[l] * b[k]) ** 2;
    }
    return sum;
  },
};
