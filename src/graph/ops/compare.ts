import { same } from '../onnx/export/writers.js';
import { type Operator, perElement } from '../operator.js';
import { shapeError } from '../value.js';
import { comparison } from './binary.js';

/** Comparisons give booleans and have no derivative. */
export const Greater = comparison('Greater', (a, b) => a > b);
export const GreaterOrEqual = comparison('GreaterOrEqual', (a, b) => a >= b);
export const Less = comparison('Less', (a, b) => a < b);
export const LessOrEqual = comparison('LessOrEqual', (a, b) => a <= b);
export const Equal = comparison('Equal', (a, b) => a === b, true);

/** Logical negation. */
export const Not: Operator = {
  name: 'Not',
  infer: (inputs) => {
    if (inputs[0].dtype !== 'bool') throw shapeError('Not', inputs, 'operand must be boolean');
    return { dtype: 'bool', shape: inputs[0].shape };
  },
  derivative: null,
  second: null,
  elementwise: { operands: 1, of: (x) => (x ? 0 : 1) },
  mover: false,
  flops: perElement,
  evaluate: ([x]) => x.data.map((v) => (v ? 0 : 1)),
  onnx: { write: same, doubleKernel: 'yes' },
};
