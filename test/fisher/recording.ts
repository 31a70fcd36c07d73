/** A likelihood that remembers every draw it was asked for, by name, and the outputs that it was drawn from. */
import type { FloatArray } from '../../src/core/tensor.js';
import type { Draws, Labels, Likelihood, Outputs } from '../../src/likelihood/index.js';

export interface Record {
  /** `example/occurrence/draw` → the label, or the signed root. */
  readonly draws: Map<string, readonly number[]>;
  /** `example` → h. */
  readonly outputs: Map<string, readonly number[]>;
  /** `example/occurrence/draw` → distance of its uniforms from the nearest step. */
  readonly steps: Map<string, number>;
}

export function recording(likelihood: Likelihood): { likelihood: Likelihood; record: Record } {
  const record: Record = { draws: new Map(), outputs: new Map(), steps: new Map() };
  const note = (h: Outputs, draws: Draws, data: FloatArray, width: number) => {
    const steps = new Float64Array(h.n * draws.count);
    likelihood.stepDistance?.(h, draws, steps);
    for (let i = 0; i < h.n; i++) {
      const example = String(draws.examples[i]);
      record.outputs.set(example, Array.from(h.data.subarray(i * h.T, (i + 1) * h.T)));
      for (let k = 0; k < draws.count; k++) {
        const key = `${example}/${draws.occurrences?.[i] ?? 0}/${draws.from + k}`;
        const at = (i * draws.count + k) * width;
        record.draws.set(key, Array.from(data.subarray(at, at + width)));
        record.steps.set(key, steps[i * draws.count + k]);
      }
    }
  };
  const wrapped = Object.assign(Object.create(likelihood) as Likelihood, {
    sample(h: Outputs, draws: Draws, labels: Labels) {
      likelihood.sample(h, draws, labels);
      note(h, draws, labels.data, labels.width);
    },
    rademacher(h: Outputs, draws: Draws, out: Float64Array) {
      likelihood.rademacher(h, draws, out);
      note(h, draws, out, h.T);
    },
  });
  return { likelihood: wrapped, record };
}
