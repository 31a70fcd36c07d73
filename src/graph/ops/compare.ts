import { shapeError } from '../value.js';
import type { Operator } from '../registry.js';
import { comparison } from './binary.js';

/** Comparisons give booleans and have no derivative. */
export const Greater = comparison('Greater');
export const GreaterOrEqual = comparison('GreaterOrEqual');
export const Less = comparison('Less');
export const LessOrEqual = comparison('LessOrEqual');
export const Equal = comparison('Equal');

/** Logical negation. */
export const Not: Operator = {
  name: 'Not',
  infer: (inputs) => {
    if (inputs[0].dtype !== 'bool') throw shapeError('Not', inputs, 'operand must be boolean');
    return { dtype: 'bool', shape: inputs[0].shape };
  },
};
