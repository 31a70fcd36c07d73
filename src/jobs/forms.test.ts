import { describe, expect, it } from 'vitest';
import { adviseForm } from './forms.js';

const GIB = 2 ** 30;

/** Forms with ε, its error and numbers. */
const formsOf = (of: Readonly<Record<string, readonly [number | null, number, number]>>) => ({
  forms: Object.fromEntries(
    Object.entries(of).map(([form, [error, standardError, numbers]]) => [
      form,
      { error, standardError, interval: null, numbers, seconds: null },
    ]),
  ),
});

describe('which form is advised', () => {
  it('more numbers where they bring ε down by more than .1 for each factor of ten', () => {
    const advice = adviseForm(
      formsOf({ diagonal: [0.74, 0.02, 100], kfac: [0.37, 0.02, 300], ekfac: [0.36, 0.02, 400] }),
      GIB,
    );
    expect(advice?.form).toBe('kfac');
    expect(advice?.reason).toBe(
      'ε 0.37 with 300 numbers; diagonal has 0.74 with 100; ekfac would have 0.36, with 1.3 times the numbers',
    );
  });

  it('no more numbers where the errors do not tell two forms apart', () => {
    const of = (error: number) => formsOf({ diagonal: [0.74, error, 100], kfac: [0.37, error, 300] });
    expect(adviseForm(of(0.1), GIB)?.form).toBe('kfac');
    expect(adviseForm(of(0.2), GIB)?.form).toBe('diagonal');
  });

  it('a block where it fits into the memory, and is worth it', () => {
    const of = (numbers: number) => formsOf({ kfac: [0.37, 0.02, 1000], block: [0, 0, numbers] });
    expect(adviseForm(of(1e6), GIB)?.form).toBe('block');
    expect(adviseForm(of(1e6), 1e6)?.form).toBe('kfac');
    expect(adviseForm(of(1e7), GIB)?.form).toBe('kfac');
  });

  it('none where nothing is known', () => {
    expect(adviseForm(formsOf({ kfac: [null, 0, 10] }), GIB)).toBeNull();
    expect(adviseForm(formsOf({ kfac: [null, 0, 10], diagonal: [0.9, 0.1, 20] }), GIB)?.form).toBe(
      'diagonal',
    );
  });
});
