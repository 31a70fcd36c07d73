import { expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches, makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { ExampleSource } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { varianceReport } from './variance-report.js';

const n = 40;
const network = denseNetwork({ widths: [4, 6, 3], seed: 1 });
const x = Float32Array.from({ length: n * 4 }, (_, i) => Math.sin(i * i));
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', tensor('float32', [n, 4], x)]]) });
const source: ExampleSource = (batch, dtype) => batches(dataset, { batch, dtype });

async function reported(variance: number) {
  const said: string[] = [];
  const heard: [share: number, at: string][] = [];
  const report = await varianceReport(
    { engine: createSmallEngine(), network, likelihood: getLikelihood('gaussian', { variance }) },
    source,
    { examples: n, batch: 8, goal: { target: 0.1, level: 0.95 } },
    { say: (line) => said.push(line), progress: (share, at) => heard.push([share, at]) },
  );
  return { report, said, heard };
}

it('tells how far it is, part by part, to the end', async () => {
  const { report, said, heard } = await reported(1);
  expect(said).toEqual([]);
  expect(report.notes).toEqual([]);
  expect([...new Set(heard.map(([, at]) => at))]).toEqual(['entries', 'blocks', 'labels']);
  const ofEntries = heard.filter(([, at]) => at === 'entries').map(([share]) => 3 * share);
  expect(ofEntries.length).toBeGreaterThan(2);
  expect(ofEntries).toEqual([...ofEntries].sort((a, b) => a - b));
  expect(ofEntries[ofEntries.length - 1]).toBeCloseTo(1, 12);
  expect(heard[heard.length - 1]).toEqual([1, 'labels']);
});

it('says before it computes again in float64, and notes it', async () => {
  // Scores of 1e-12, whose squares float32 loses.
  const { report, said } = await reported(1e24);
  expect(said.some((line) => line.startsWith('computing again in float64'))).toBe(true);
  expect(report.notes.some((note) => note.startsWith('computed again in float64'))).toBe(true);
  const [first] = report.structure.layers;
  expect(first.fisher.value).toBeGreaterThan(0);
});
