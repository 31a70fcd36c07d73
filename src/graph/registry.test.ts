import { describe, expect, it } from 'vitest';
import { thrown } from '../../test/graph/thrown.js';
import type { Operator } from './operator.js';
import { CORE } from './ops/index.js';
import { tableOf } from './registry.js';

const tanh = CORE.find((op) => op.name === 'Tanh') as Operator;

/** The record without one of its fields, as one put together at run time may be. */
const without = (field: keyof Operator): Operator => {
  const { [field]: _, ...rest } = tanh;
  return rest as Operator;
};

describe('the table of operators', () => {
  it('takes the core', () => {
    expect([...tableOf(CORE).keys()]).toEqual(CORE.map((op) => op.name));
  });

  it('refuses an operator that lacks a rule, and names the rule', () => {
    for (const field of [
      'infer',
      'derivative',
      'second',
      'elementwise',
      'mover',
      'flops',
      'evaluate',
      'onnx',
    ] as const) {
      const error = thrown(() => tableOf([without(field)]));
      expect(error.code, field).toBe('graph/operator');
      expect(error.message, field).toContain(field);
      expect(error.message, field).toContain('Tanh');
    }
    const backwardOnly = { ...tanh, derivative: { vjp: tanh.derivative!.vjp } } as unknown as Operator;
    expect(thrown(() => tableOf([backwardOnly])).message).toContain('derivative.jvp');
  });

  it('refuses two operators of one name', () => {
    expect(thrown(() => tableOf([tanh, tanh])).code).toBe('graph/operator');
  });
});
