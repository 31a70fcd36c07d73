import { describe, expect, it } from 'vitest';
import { warningsOf, type WarningFacts } from './warnings.js';

const trace = {
  value: 1,
  standardError: 0.1,
  labelError: 0.1,
  dataError: 0,
  interval: null,
  expectedCoverage: null,
  skewness: 0.1,
};
const facts: WarningFacts = {
  estimator: 'type1',
  labels: 2,
  trace,
  offModeLabels: 500,
  examples: 1000,
  populationSize: 1000,
  interrupted: false,
};
const said = (changed: Partial<WarningFacts>) => warningsOf({ ...facts, ...changed });

describe('warnings', () => {
  it('none where 100 labels off the mode are expected and the estimator is not skewed', () => {
    expect(said({ offModeLabels: 100, trace: { ...trace, skewness: -0.5 } })).toEqual([]);
  });

  it('labels off the mode: few because the network is sure, or because labels are', () => {
    expect(said({ offModeLabels: 99 })).toEqual([
      expect.stringMatching(/^heavy tail: only 99 of 2000 /) as string,
    ]);
    expect(said({ offModeLabels: 99, examples: 80 })).toEqual([
      expect.stringMatching(/^few labels: only 99 of 160 /) as string,
    ]);
  });

  it('skewness, with a better estimator where there is one', () => {
    const skewed = { ...trace, skewness: -0.51 };
    expect(said({ trace: skewed })).toEqual([
      expect.stringMatching(/^skewed: .*-0\.51.*`estimator: 'exact'`/) as string,
    ]);
    expect(said({ estimator: 'exact', offModeLabels: null, trace: skewed })).toEqual([
      expect.stringMatching(/^skewed: .*more examples/) as string,
    ]);
  });

  it('weights of which one carries nearly all', () => {
    expect(said({ effectiveExamples: 1.02 })).toEqual([
      expect.stringMatching(/^weights: the examples are worth only 1\.02/) as string,
    ]);
    expect(said({ effectiveExamples: 2 })).toEqual([]);
    expect(said({ effectiveExamples: 1, examples: 1, offModeLabels: null })).toEqual([]);
  });

  it('a trace of 0, whose error of 0 means nothing', () => {
    const zero = { ...trace, value: 0, standardError: 0 };
    expect(said({ estimator: 'exact', offModeLabels: null, trace: zero })).toEqual([
      expect.stringMatching(/^zero: the trace is 0/) as string,
    ]);
  });

  it('interruption, and that the empirical Fisher is another matrix', () => {
    expect(said({ interrupted: true, examples: 300 })).toEqual([expect.stringContaining('300 of 1000')]);
    expect(said({ estimator: 'empirical', offModeLabels: null })).toEqual([
      expect.stringMatching(/^empirical/) as string,
    ]);
  });
});
