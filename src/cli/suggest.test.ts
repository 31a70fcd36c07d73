import { expect, it } from 'vitest';
import { suggest } from './suggest.js';

it('suggests what is near or begun, and nothing that is far', () => {
  const flags = ['--labels', '--level', '--likelihood', '--target-error', '--targets-file'];
  expect(suggest('--lable', flags)).toBe('--labels');
  expect(suggest('--target-e', flags)).toBe('--target-error');
  expect(suggest('--targ', flags)).toBeUndefined();
  expect(suggest('--colour', flags)).toBeUndefined();
});
