import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/fisher/fixtures.js';
import { layersError, type LayersOptions } from './layers.js';

describe('where the label error of forms by layer comes from', () => {
  const options: LayersOptions = {
    estimator: 'rademacher',
    labels: 1,
    populationSize: 10,
    formOf: () => 'kfac',
  };
  const of = (name: 'digits-lenet' | 'digits-mlp-tanh', more: Partial<LayersOptions> = {}) => {
    const { network, likelihood } = fixture(name);
    return layersError(network, likelihood, { ...options, ...more });
  };

  it('is decided for the whole network: signs over positions have no closed form in factors', () => {
    expect(of('digits-lenet')).toBe('sampled');
    expect(of('digits-lenet', { error: 'closed-form' })).toBe('sampled');
  });

  it('is what was asked for where one is', () => {
    expect(of('digits-mlp-tanh')).toBeUndefined();
    expect(of('digits-mlp-tanh', { error: 'closed-form' })).toBe('closed-form');
    expect(of('digits-lenet', { estimator: 'exact' })).toBeUndefined();
  });
});
