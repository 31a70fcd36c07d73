/**
 * @module fisher/forms/diagonal/pass
 *
 * Runs one pass over a batch's K columns, at once or in chunks where they exceed the memory budget. Results agree to
 * rounding.
 */
import type { FloatArray } from '../../../core/tensor.js';
import type { Network } from '../../../model/network.js';
import type { ColumnSource } from '../../columns.js';
import { Scratches } from '../../scratch.js';
import { chunkedPass } from './chunked-pass.js';
import { marginTerms, type Pass, peaksOf } from './pass-result.js';
import { firstSets, type PassSpec, statisticsGraph, takesWeights } from './statistics.js';

export type { Pass, PassResult } from './pass-result.js';

/** Plans the pass `name` so that columns × batch × widest site stays within `budget` numbers. */
export function planPass(
  name: string,
  network: Network,
  spec: PassSpec,
  source: ColumnSource,
  chunk: number,
): Pass {
  return chunk >= spec.columns
    ? wholePass(name, network, spec, source)
    : chunkedPass({ name, network, spec, source, chunk });
}

/** The first or second half of an array. */
export function half(both: FloatArray | null, which: 0 | 1): FloatArray | null {
  const size = (both?.length ?? 0) / 2;
  return both && both.subarray(which * size, (which + 1) * size);
}

function wholePass(name: string, network: Network, spec: PassSpec, source: ColumnSource): Pass {
  const scratches = new Scratches();
  const weighted = takesWeights(spec);
  const first = firstSets(spec.sets ?? []);
  return {
    graphs: { [name]: statisticsGraph(network.h, network.parameters, spec) },
    async run(programs, batch) {
      const { n, T } = batch.h;
      const scratch = scratches.of(programs);
      const K = spec.columns;
      const span = { from: 0, count: K };
      const ct = scratch.floats('ct', programs.dtype, n * K * T);
      const w = scratch.floats('w', programs.dtype, n * K);
      source.fill(batch, span, ct, w);
      const c = spec.fourth ? scratch.floats('c', programs.dtype, n * K) : null;
      if (c) source.fourth?.(batch, span, c);
      const o = weighted ? scratch.floats('o', programs.dtype, n) : null;
      if (o) source.weights?.(batch, o);
      const late = { ct, w, ...(c ? { c } : {}), ...(o ? { o } : {}) };
      const output = await programs.backward(name, late, n);
      return {
        sum: (p) => output(`f/${p}`),
        linear: (p) => output(`fo/${p}`),
        squares: (p) => output(`f2/${p}`) ?? half(output(`f2v/${p}`), 0),
        centred: (p) => output(`d2/${p}`) ?? half(output(`d2v/${p}`), 0),
        label: (p) => output(`v/${p}`) ?? half(output(`f2v/${p}`) ?? output(`d2v/${p}`), 1),
        terms: (p) => peaksOf(output, 'f', p),
        deviations: (p) => peaksOf(output, 'v', p),
        tiltedSquares: (p) => output(`f2o/${p}`),
        tiltedLabel: (p) => output(`vo/${p}`),
        norms: (p) => output(`q/${p}`),
        gram: (p) => output(`m/${p}`),
        pairs: (set) => output(`x/${first[set]}`),
        margins: (p) => marginTerms(output, p),
        weighedNorms: (set) => output(`wq/${set}`),
        weighedGram: (set) => output(`wm/${set}`),
        weighedPairs: (set) => output(`wx/${set}`),
        weighedScores: (set) => output(`wr/${set}`),
        weights: w,
        fourth: c,
      };
    },
  };
}
