import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sizeOf } from '../core/tensor.js';
import { concrete, dependents, nodesOf } from '../graph/index.js';
import { operatorOf } from '../graph/registry.js';
import { loadNetwork } from '../model/load.js';
import { isCurved } from '../scores/second/curvature.js';
import { secondWork } from './second-work.js';
import { plus, work } from './work.js';

const MODELS = ['digits-mlp-tanh', 'digits-mlp-sigmoid-small', 'digits-transformer'];

it.each(MODELS)('%s: what sets of values and the operators say, for every parameter', (name) => {
  const file = fileURLToPath(new URL(`../../test/fixtures/models/${name}/model.onnx`, import.meta.url));
  const { network } = loadNetwork(readFileSync(file), { likelihood: 'categorical' });
  const nodes = nodesOf([network.h]).map((node, i) => ({
    node,
    work: work({ products: 3 * i + 1, elements: 7 * i + operatorOf(node.op).name.length }),
    size: sizeOf(concrete(node.output.shape, 1)),
  }));
  const secondOf = secondWork(nodes);
  let curved = 0;
  for (const parameter of network.parameters.values()) {
    const moving = dependents(
      nodes.map(({ node }) => node),
      [parameter],
    );
    const after = nodes.filter(({ node }) => moving.has(node.output));
    const last = after.findLastIndex(({ node }) => isCurved(node, moving));
    const whole = after.slice(0, last + 1);
    const bent = whole.filter(({ node }) => isCurved(node, moving));
    curved += bent.length;
    expect(secondOf(parameter, 5)).toEqual({
      tangents: whole.reduce((sum, one) => plus(sum, one.work, 5), work()),
      curvature: work({ products: bent.reduce((sum, { size }) => sum + 10 * size, 0) }),
    });
  }
  expect(curved).toBeGreaterThan(0);
});
