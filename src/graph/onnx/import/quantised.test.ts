import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import { bytesOf, f32, info, node } from '../../../../test/onnx/builder.js';
import { tensor } from '../../../core/tensor.js';
import { importModel } from '../index.js';

const NODES = {
  'a weight dequantised before its use': [
    node('DequantizeLinear', ['w', 's', 'z'], 'f'),
    node('MatMul', ['x', 'f'], 'h'),
  ],
  'an input quantised on the way': [
    node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz']),
    node('MatMulInteger', ['q', 'w', 'qz', 'z'], 'i'),
    node('Cast', ['i'], 'h', { to: { type: 'int', value: 1 } }),
  ],
  'a weight in four bits': [node('ms.MatMulNBits', ['x', 'w', 's'], 'h')],
};

describe('quantised files are refused as such', () => {
  for (const [name, nodes] of Object.entries(NODES)) {
    it(name, () => {
      const model = importModel(
        bytesOf({
          inputs: [info('x', 'float32', ['n', 2])],
          outputs: ['h'],
          nodes,
          weights: {
            w: tensor('uint8', [2, 2], [1, 2, 3, 4]),
            s: f32([], [0.5]),
            z: tensor('uint8', [], [0]),
          },
        }),
      );
      const error = complaintOf(() => model.value('h'));
      expect(error.code).toBe('onnx/quantised');
      expect(error.complaint.next).toMatch(/floating-point file/);
    });
  }
});
