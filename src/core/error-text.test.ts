/** Whatever is thrown has a text. */
import { expect, it } from 'vitest';
import { errorStack, errorText } from './error-text.js';

const NONE = 'something that has no text';
const fails = (): never => {
  throw new Error('none');
};

it('is a message, or the thing as text', () => {
  expect(['gone', null, undefined, Symbol('s'), 3].map(errorText)).toEqual([
    'gone',
    'null',
    'undefined',
    'Symbol(s)',
    '3',
  ]);
  expect(errorText(new Error('gone'))).toBe('gone');
  expect(errorStack(new Error('gone'))).toMatch(/^Error: gone\n {4}at /);
});

it('is there for what has none', () => {
  const broken = new Error('x');
  for (const name of ['stack', 'message']) Object.defineProperty(broken, name, { get: fails });
  for (const thrown of [{ toString: fails }, Object.create(null) as object, broken]) {
    expect(errorText(thrown)).toBe(NONE);
    expect(errorStack(thrown)).toBe(NONE);
  }
});
