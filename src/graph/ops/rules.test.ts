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

const withRules = CORE.filter((op) => op.derivative).map((op) => op.name);

describe('rules', () => {
  it('are checked here for every operator that has them', () => {
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
