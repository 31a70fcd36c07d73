import { describe, expect, it } from 'vitest';
import { nodesOf } from '../graph/index.js';
import { operationsOf } from '../engine/cost.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/index.js';
import type { Network } from '../model/network.js';
import { estimatorCost, type Priced } from './cost.js';
import { type PassSpec, statisticsGraph } from './forms/diagonal/statistics.js';
import { shapesOf } from './network-shapes.js';

const law = getLikelihood('categorical');
const net = (...widths: number[]) => denseNetwork({ widths, activation: 'tanh', seed: 1 });
const exact: Priced = { estimator: 'exact', labels: 0, error: 'none' };
const closed: Priced = { estimator: 'rademacher', labels: 1, error: 'closed-form' };

/** Operations in the matrix products of one example's derived graph. */
function derived(network: Network, spec: PassSpec): number {
  const { outputs } = statisticsGraph(network.h, network.parameters, spec);
  return operationsOf(
    nodesOf(Object.values(outputs)).filter((n) => n.op === 'MatMul'),
    1,
  );
}

describe('shapes', () => {
  it('count the products of the graphs that would be derived', () => {
    for (const widths of [
      [30, 50, 40, 10],
      [8, 200, 6],
      [100, 60],
    ]) {
      const network = net(...widths);
      const columns = widths[widths.length - 1];
      const spec: PassSpec = { columns, squares: true, label: null, totals: 'norms' };
      const shapes = shapesOf(network);
      const sums = shapes.sites.reduce((s, { neurons, width }) => s + 4 * neurons * width, 0);
      const counted = shapes.forward.products + columns * shapes.backward.products + sums;
      // The graph's weighted sums of squares are products too, and count as passes over elements here.
      const weighted = shapes.sites.reduce((s, { neurons }) => s + 2 * columns * neurons, 0);
      const graph = derived(network, spec);
      expect(counted).toBeLessThanOrEqual(graph);
      // Sums of shifts over a batch are products with a vector of ones.
      expect(counted + weighted).toBeGreaterThan(0.97 * graph);
    }
  });

  it('price closed forms of 30,000 outputs without deriving them', () => {
    const wide = net(4, 30_000);
    const price = estimatorCost(wide, law, closed);
    expect(price).toBeGreaterThan(1e12);
    expect(Number.isFinite(estimatorCost(wide, law, { ...closed, estimator: 'type1' }))).toBe(true);
  });
});

describe('the cost of an estimator', () => {
  it('grows with the columns: exact by T, Gram matrices by T²', () => {
    const ratio = (priced: Priced) =>
      estimatorCost(net(16, 16, 200), law, priced) / estimatorCost(net(16, 16, 100), law, priced);
    expect(ratio(exact)).toBeGreaterThan(2);
    expect(ratio(exact)).toBeLessThan(4.1);
    expect(ratio(closed)).toBeGreaterThan(4);
  });

  it('counts second derivatives where there are any', () => {
    const two: Priced = { estimator: 'type2', labels: 1, error: 'closed-form' };
    const relu = denseNetwork({ widths: [20, 64, 64, 4], activation: 'relu', seed: 1 });
    const price = (n: Network) => estimatorCost(n, law, two) / estimatorCost(n, law, exact);
    expect(price(net(20, 64, 64, 4))).toBeGreaterThan(2 * price(relu));
    expect(shapesOf(relu).tangents.products).toBe(0);
  });

  it('is the same for draws on any root where outputs are independent, and more for pairs', () => {
    const signs: Priced = { estimator: 'rademacher', labels: 2, error: 'sampled' };
    const ten = net(16, 32, 10);
    expect(estimatorCost(ten, law, { ...signs, exactPairs: 1 })).toBeGreaterThan(
      estimatorCost(ten, law, signs),
    );
    const bernoulli = getLikelihood('bernoulli');
    expect(estimatorCost(ten, bernoulli, { ...signs, root: 'class' })).toBe(
      estimatorCost(ten, bernoulli, signs),
    );
  });
});
