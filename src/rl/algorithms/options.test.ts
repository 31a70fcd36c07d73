import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { listEnvironments } from '../registry.js';
import { presetFor } from '../presets/index.js';
import { algorithmOptions, completeOptions, defaultsOf } from './options.js';
import { fits } from '../../core/settings/read.js';
import { ruleOf } from '../../core/settings/words.js';
import { ALGORITHMS, type AlgorithmName, type OptionValues } from './types.js';

const complaintOf = (algorithm: AlgorithmName, values: OptionValues): FimError => {
  try {
    completeOptions(algorithm, values);
  } catch (error) {
    if (error instanceof FimError) return error;
  }
  throw new Error('no complaint');
};

describe.each(ALGORITHMS)('options of %s', (algorithm) => {
  const specs = algorithmOptions[algorithm];

  it('have each name once, a default in range, a meaning and a source', () => {
    expect(new Set(specs.map((s) => s.name)).size).toBe(specs.length);
    for (const spec of specs) {
      expect(fits(spec, spec.default), `${spec.name} ${ruleOf(spec)}`).toBe(true);
      expect(spec.help).toMatch(/[^.\s]$/);
      expect(spec.source).not.toBe('');
    }
  });

  it('hold every option of every preset', () => {
    for (const { id } of listEnvironments()) {
      const { options } = presetFor(algorithm, id).settings;
      expect(completeOptions(algorithm, options)).toEqual({ ...defaultsOf(algorithm), ...options });
    }
  });

  it('refuse each value of another kind, or out of range, by name and rule', () => {
    for (const spec of specs) {
      const wrong: (number | string | boolean)[] =
        spec.kind === 'boolean'
          ? [1, 'true']
          : spec.kind === 'choice'
            ? ['neither', true, 0]
            : [NaN, Infinity, '1', true, ...(spec.kind === 'integer' ? [1.5] : [])];
      if (spec.kind === 'number' || spec.kind === 'integer') {
        if (spec.above !== undefined) wrong.push(spec.above);
        if (spec.below !== undefined) wrong.push(spec.below);
        if (spec.min !== undefined) wrong.push(spec.min - 1);
      }
      for (const value of wrong) {
        const { code, exitCode, complaint } = complaintOf(algorithm, { [spec.name]: value });
        expect([code, exitCode]).toEqual(['rl/option', 2]);
        expect(complaint.rule).toBe(`${spec.name} ${ruleOf(spec)}`);
        expect(complaint.got).toBe(String(value));
      }
    }
  });
});

describe('an option that is none', () => {
  it('is answered with the nearest name and the list', () => {
    const { complaint } = complaintOf('smac', { dampning: 1 });
    expect(complaint.next).toContain('"damping"');
    expect(complaint.rule).toContain('sample, scope');
  });

  it('rules read as sentences', () => {
    const rules = algorithmOptions.trpo.map((s) => `${s.name} ${ruleOf(s)}`);
    expect(rules).toContain('backtrack takes a number, above 0 and below 1');
    expect(rules).toContain('maxBacktracks takes a whole number, at least 0');
    expect(rules).toContain('klScale is one of exact, damped');
  });
});
