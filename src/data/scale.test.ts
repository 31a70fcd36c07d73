import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { applyScale, parseScale } from './scale.js';

describe('parseScale', () => {
  it('reads numbers and fractions', () => {
    expect(parseScale('1/255')).toEqual({ numerator: 1, denominator: 255 });
    expect(parseScale('1e-3')).toEqual({ numerator: 0.001, denominator: 1 });
    expect(parseScale(0.5)).toEqual({ numerator: 0.5, denominator: 1 });
    expect(parseScale(' -2 / 3 ')).toEqual({ numerator: -2, denominator: 3 });
  });

  it('rounds v/255 once', () => {
    const scale = parseScale('1/255');
    for (let v = 0; v < 256; v++) expect(applyScale(v, scale)).toBe(v / 255);
  });

  it('refuses the rest as usage', () => {
    for (const text of ['', '/', '1/', '/2', '1/0', '0', 'x', '1/2/3', 'Infinity', 'NaN']) {
      const error = complaintOf(() => parseScale(text));
      expect(error.code).toBe('scale/number');
      expect(error.exitCode).toBe(2);
    }
  });
});
