/**
 * Forward and reverse rules of every core operator, first and second order, plain, with leading axes and per example, against
 * float64 central differences and against each other.
 */
import { describe, expect, it } from 'vitest';
import { CASES } from '../../../test/graph/cases.js';
import { checkPerExample, checkRules } from '../../../test/graph/check.js';
import { thrown } from '../../../test/graph/thrown.js';
import { hashString, Sequence } from '../../core/random.js';
import { CORE } from '../index.js';

const withRules = CORE.filter((op) => op.vjp || op.jvp).map((op) => op.name);

describe('rules', () => {
  it('are there for both directions or neither, and every operator that has them is checked here', () => {
    for (const op of CORE) expect(op.vjp === undefined, op.name).toBe(op.jvp === undefined);
    expect(Object.keys(CASES).sort()).toEqual([...withRules].sort());
  });

  for (const name of withRules) {
    it(name, () => {
      const rng = new Sequence(hashString(`rules of ${name}`), 'rules');
      for (const c of CASES[name](name, rng)) {
        checkRules(c, rng, !c.sums);
        if (c.sums) {
          expect(thrown(() => checkPerExample(c, rng, [[2]])).code, c.label).toBe('graph/examples-coupled');
        }
      }
    });
  }
});
