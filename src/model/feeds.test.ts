import { expect, it } from 'vitest';
import { bytesOf, f32, info, node } from '../../test/onnx/builder.js';
import { feedsOf } from './feeds.js';
import { readModel } from './reading.js';

const filled = (name: string): number | undefined => {
  const bytes = bytesOf({
    inputs: [info(name, 'float32', ['n', 2]), info('action', 'float32', ['n', 2])],
    outputs: ['q'],
    nodes: [node('Add', [name, 'action'], 'z'), node('MatMul', ['z', 'w'], 'q')],
    weights: { w: f32([2, 1], [1, 2]) },
  });
  const { model } = readModel(bytes, { file: 'q.onnx', dtype: 'float32' });
  return feedsOf(model).get(name)?.otherwise;
};

it('an input that may be an observation must be fed, an initial state need not', () => {
  for (const name of ['state', 'h', 'c', 'past', 'cache_size']) expect(filled(name)).toBeUndefined();
  for (const name of ['h0', 'c_0', 'hidden_state', 'initial_h', 'past_key_values.0.key'])
    expect(filled(name)).toBe(0);
});
