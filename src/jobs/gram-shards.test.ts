/** Rows of shards, one below the other, are those of the single run bit for bit, and make the dense matrix of all examples. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { tensor, type Tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { GroupedFisher, recordOf } from '../matrix/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { type EstimateRequest, type EstimateSubject, runEstimate } from './estimate.js';
import { gramShardRows, mergeGramShards } from './gram-shards.js';
import { runFormEstimate } from './form-estimate.js';
import { gramBeside, type GramMade } from './matrix/gram.js';
import { decideEstimate, mergeShards, shardSums } from './shard.js';

// The small engine computes inside the call: the runner is heard between tests.
afterEach(() => setImmediate());

const N = 90;
const network = denseNetwork({ widths: [4, 6, 3], initialScale: 3, seed: 3, dtype: 'float64' });
const x = tensor(
  'float64',
  [N, 4],
  Float64Array.from({ length: N * 4 }, (_, i) => 2 * Math.sin(i * i)),
);
const likelihood = getLikelihood('categorical');
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', x]]) });
const subject: EstimateSubject = { engine: createSmallEngine(), network, likelihood, dataset };

const CASES: Record<string, EstimateRequest> = {
  exact: { estimator: 'exact', groupSums: 20 },
  'in the order of the file': { estimator: 'exact', order: 'file' },
  'two labels': { estimator: 'type1', labels: 2, seed: 4, groupSums: 20 },
  'some of the examples': { estimator: 'exact', examples: 50 },
};

async function decidedFor(request: EstimateRequest) {
  const decided = await decideEstimate(subject, request);
  if (decided === null) throw new Error('decided');
  return decided;
}

const bits = (arrays: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries(
    [...arrays].map(([name, { shape, data }]) => [name, [shape, [...(data as Float64Array)]]]),
  );

describe('gramShardRows', () => {
  it.each(Object.entries(CASES))('%s: parts make the rows of the single run', async (_, request) => {
    const diagonal = await runEstimate(subject, request);
    const whole = await gramBeside(subject, diagonal, request);
    const decided = await decidedFor(request);
    for (const count of [1, 3, 16]) {
      const parts: GramMade[] = [];
      for (let index = 0; index < count; index++)
        parts.push(await gramShardRows(subject, decided, { index, count }));
      const merged = mergeGramShards(parts, diagonal, request.order);
      expect(merged.layers).toEqual(whole.layers);
      expect(merged.examples).toBe(decided.examples);
      expect(bits(merged.arrays)).toEqual(bits(whole.arrays));
    }
  });

  it('their matrix is the dense one, and that of each group that of its own examples', async () => {
    const request = { estimator: 'exact', groupSums: 8 } as const;
    const decided = await decidedFor(request);
    const parts = [0, 1, 2, 3].map((index) => ({ index, count: 4 }));
    const rows: GramMade[] = [];
    for (const part of parts) rows.push(await gramShardRows(subject, decided, part));
    const sums = [];
    for (const part of parts) sums.push(await shardSums(subject, decided, part));
    const diagonal = mergeShards(sums);
    const { arrays, layers } = mergeGramShards(rows, diagonal);
    const all = new Map([
      ...diagonal.tensors.map(
        ({ name, shape, fisher }) => [`fisher/${name}`, tensor('float64', [...shape], fisher)] as const,
      ),
      ...arrays,
    ]);
    const order = diagonal.tensors.map(({ name }) => name);
    const manifest = { layers, form: 'gram', parameterOrder: order };
    const record = recordOf([...all.keys()], (a) => (all.get(a) as Tensor).shape, manifest, 'merged');
    const fisher = new GroupedFisher(all, record);
    const dense = await runFormEstimate(subject, request, { form: 'dense' });
    const [got, want] = [await fisher.whole.toDense(), await dense.toDense()];
    const largest = Math.max(...(want as Float64Array));
    (want as Float64Array).forEach((v, i) =>
      expect(Math.abs((got as Float64Array)[i] - v)).toBeLessThanOrEqual(1e-12 * largest),
    );
    expect([...fisher.counts]).toEqual([...(diagonal.groupSums?.examples ?? [])]);
  });

  it('a part that does not fit says in how many parts it does', async () => {
    const decided = await decidedFor({ estimator: 'exact', memory: 8 * 1024 });
    await expect(gramShardRows(subject, decided, { index: 0, count: 2 })).rejects.toMatchObject({
      code: 'fisher/gram',
      complaint: { next: expect.stringMatching(/tasks.*implicit.*dense/s) as string },
    });
    await expect(gramShardRows(subject, decided, { index: 0, count: 90 })).resolves.toMatchObject({
      examples: 1,
    });
  });
});
