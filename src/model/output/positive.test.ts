import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../../test/fixtures/data/index.js';
import { modelOf } from '../../../test/onnx/builder.js';
import { none, torch } from '../../../test/onnx/exporters.js';
import { importDecoded } from '../../graph/onnx/index.js';
import type { FamilyName } from '../../likelihood/registry.js';
import { chooseOutput } from './choose.js';

type End = Parameters<typeof torch>[0];

const choose = (ends: End, likelihood: FamilyName, link?: string) => {
  const model = importDecoded(modelOf(torch(ends)), { dtype: 'float64', file: 'net.onnx' });
  return chooseOutput(model, { likelihood, ...(link === undefined ? {} : { link }) });
};

const EXP: End = [['Exp', none]];
const SOFTPLUS: End = [['Softplus', none]];

describe.each(['poisson', 'exponential', 'gamma'] as const)('%s', (likelihood) => {
  it('a final Exp or Softplus makes the mean: it goes, and is the link', () => {
    expect(choose([], likelihood)).toMatchObject({ removed: [], link: null });
    const exp = choose(EXP, likelihood);
    expect(exp.removed[0]).toContain('Exp');
    expect(exp.link).toBe('log');
    const softplus = choose(SOFTPLUS, likelihood);
    expect(softplus.removed[0]).toContain('Softplus');
    expect(softplus.link).toBe('softplus');
  });

  it('a link that was asked for agrees with it, or takes the output as the mean', () => {
    expect(choose(EXP, likelihood, 'log')).toMatchObject({ link: 'log' });
    expect(choose(EXP, likelihood, 'log').removed.length).toBe(1);
    expect(choose(EXP, likelihood, 'log-rate')).toMatchObject({ link: 'log-rate' });
    for (const end of [EXP, SOFTPLUS, [['Relu', none]] as End]) {
      expect(choose(end, likelihood, 'identity')).toMatchObject({ removed: [], link: null });
    }
  });

  it('and is refused where it contradicts it, as is any other end of half a line', () => {
    expect(complaintOf(() => choose(SOFTPLUS, likelihood, 'log')).complaint.next).toContain(
      "`link: 'softplus'`",
    );
    expect(complaintOf(() => choose(EXP, likelihood, 'softplus')).complaint.next).toContain("`link: 'log'`");
    const relu = complaintOf(() => choose([['Relu', none]], likelihood));
    expect(relu.code).toBe('onnx/squashed-output');
    expect(relu.complaint.next).toContain("`link: 'identity'`");
    expect(
      complaintOf(() =>
        choose(
          [
            ['Exp', none],
            ['Exp', none],
          ],
          likelihood,
        ),
      ).complaint.got,
    ).toContain('below');
  });
});

it('under poisson the canonical link is the log', () => {
  expect(choose(EXP, 'poisson', 'canonical')).toMatchObject({ link: 'canonical' });
  expect(choose(EXP, 'poisson', 'canonical').removed.length).toBe(1);
  expect(complaintOf(() => choose(EXP, 'gamma', 'canonical')).code).toBe('onnx/squashed-output');
});

it('under binomial a final Sigmoid goes, as under bernoulli', () => {
  expect(choose([['Sigmoid', none]], 'binomial').removed[0]).toContain('Sigmoid');
  expect(complaintOf(() => choose([['Tanh', none]], 'binomial')).code).toBe('onnx/squashed-output');
});

it('under gaussian-mv bounds are a note; a positive scale needs its link', () => {
  expect(choose([['Tanh', none]], 'gaussian-mv').notes[0]).toContain('between bounds');
  expect(complaintOf(() => choose(SOFTPLUS, 'gaussian-mv')).complaint.next).toContain("`link: 'sd'`");
  expect(choose(SOFTPLUS, 'gaussian-mv', 'sd')).toMatchObject({ removed: [], link: null });
  expect(choose([['Clip', none]], 'gaussian-mv').removed).toEqual([]);
});
