import { expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.js';

it('counts insertions, deletions, substitutions and swaps', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('lables', 'labels')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('ca', 'abc')).toBe(3);
});

it('suggests what is near and nothing that is far', () => {
  const flags = ['--labels', '--level', '--likelihood', '--target-error'];
  expect(suggest('--lable', flags)).toBe('--labels');
  expect(suggest('--target', flags)).toBe('--target-error');
  expect(suggest('--colour', flags)).toBeUndefined();
});
