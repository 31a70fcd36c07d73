/** Settings as data: every kind is read from text, checked as it stands, and refused by one rule with its range. */
import { describe, expect, it } from 'vitest';
import { fits, meantBy, readSetting } from './read.js';
import { bytesOfText, bytesText } from './bytes.js';
import type { Setting } from './setting.js';
import { defaultTextOf, rangeOf, ruleOf } from './words.js';

it('suggests what is near or begun, and nothing that is far', () => {
  const flags = ['--labels', '--level', '--likelihood', '--target-error', '--targets-file'];
  expect(meantBy('--lable', flags)).toBe('--labels');
  expect(meantBy('--target-e', flags)).toBe('--target-error');
  expect(meantBy('--targ', flags)).toBeUndefined();
  expect(meantBy('--colour', flags)).toBeUndefined();
});

const help = 'of a test';
const SHARE: Setting = { kind: 'percent', above: 0, below: 1, default: 0.95, help };
const COUNT: Setting = { kind: 'integer', min: 1, max: 9, help };
const RATE: Setting = { kind: 'number', above: 0, help };
const SCALE: Setting = { kind: 'fraction', above: 0, help };
const MEMORY: Setting = { kind: 'bytes', above: 0, help };
const WIDTHS: Setting = { kind: 'integers', min: 1, default: [3, 4], help };
const WEIGHTS: Setting = { kind: 'numbers', min: 0, help };
const GLOBS: Setting = { kind: 'list', metavar: 'GLOB', help };
const WORD: Setting = { kind: 'choice', choices: ['exact', 'type1'], choiceAliases: { mc: 'type1' }, help };
const PAGE: Setting = { kind: 'path', extensions: ['.html', '.svg'], help };
const SWITCH: Setting = { kind: 'boolean', help };

describe('a value from text', () => {
  it.each<[Setting, string, unknown]>([
    [SHARE, '2%', 0.02],
    [SHARE, '0.02', 0.02],
    [COUNT, ' 9 ', 9],
    [RATE, '1e-3', 1e-3],
    [SCALE, '1/255', 1 / 255],
    [MEMORY, '2GB', 2e9],
    [MEMORY, '512 MiB', 2 ** 29],
    [MEMORY, '1.5gb', 1.5e9],
    [MEMORY, '4096', 4096],
    [WIDTHS, '64, 32', [64, 32]],
    [WEIGHTS, '1,0.5', [1, 0.5]],
    [WEIGHTS, '0', 0],
    [GLOBS, '{a,b}*,c', ['{a,b}*', 'c']],
    [WORD, 'mc', 'type1'],
    [PAGE, 'A.HTML', 'A.HTML'],
    [SWITCH, 'false', false],
  ])('%o from %s', (setting, text, value) => {
    expect(readSetting(setting, text)).toEqual({ value });
    expect(fits(setting, value)).toBe(true);
  });

  it.each<[Setting, string, string, string?]>([
    [SHARE, '5', 'takes a percentage such as 2%, or the same as 0.02, above 0% and below 100%', '5%'],
    [SHARE, '500', 'takes a percentage such as 2%, or the same as 0.02, above 0% and below 100%'],
    [COUNT, '10', 'takes a whole number, at least 1 and at most 9'],
    [COUNT, '1.5', 'takes a whole number, at least 1 and at most 9'],
    [COUNT, '0x3', 'takes a whole number, at least 1 and at most 9'],
    [RATE, 'Infinity', 'takes a number, above 0'],
    [RATE, '', 'takes a number, above 0'],
    [SCALE, '1/0', 'takes a number or a fraction such as 1/255, above 0'],
    [MEMORY, '2G', 'takes a size such as 2GB, 500MB or 512MiB, above 0B', '2GB'],
    [MEMORY, '0GB', 'takes a size such as 2GB, 500MB or 512MiB, above 0B'],
    [MEMORY, '-1GB', 'takes a size such as 2GB, 500MB or 512MiB, above 0B'],
    [MEMORY, '1e9', 'takes a size such as 2GB, 500MB or 512MiB, above 0B'],
    [MEMORY, '9999999TB', 'takes a size such as 2GB, 500MB or 512MiB, above 0B'],
    [WIDTHS, '64,0', 'takes a whole number, at least 1'],
    [WEIGHTS, '1,-1', 'takes a number, at least 0'],
    [GLOBS, 'a,,b', 'takes GLOB'],
    [WORD, 'exat', 'is one of exact, type1', 'exact'],
    [PAGE, 'a.png', 'takes a file name that ends in .html or .svg'],
    [SWITCH, 'yes', 'is true or false'],
  ])('%o refuses %s', (setting, text, rule, meant) => {
    expect(readSetting(setting, text)).toEqual(meant === undefined ? { rule } : { rule, meant });
  });
});

it('checks values as they stand, by the same ranges', () => {
  for (const value of ['3', NaN, 0, 10, 1.5, null, [3]]) expect(fits(COUNT, value)).toBe(false);
  for (const value of ['exac', 1, true]) expect(fits(WORD, value)).toBe(false);
  for (const value of [[0], 3, ['3']]) expect(fits(WIDTHS, value)).toBe(false);
  for (const value of [1, 'true', undefined]) expect(fits(SWITCH, value)).toBe(false);
  for (const value of ['a.png', '', 4]) expect(fits(PAGE, value)).toBe(false);
  for (const value of [[-1, 2], 'x', -1]) expect(fits(WEIGHTS, value)).toBe(false);
  for (const value of ['a', [1], ['']]) expect(fits(GLOBS, value)).toBe(false);
});

it.each([1, 999, 1500, 2e9, 1.5e9, 2 ** 29, 3 * 2 ** 40, 123_456_789, 2 ** 53 - 1])(
  '%d bytes are read back',
  (bytes) => {
    expect(bytesOfText(bytesText(bytes))).toBe(bytes);
  },
);

it('says ranges, rules and defaults in one phrasing', () => {
  expect(rangeOf(SHARE)).toBe('above 0% and below 100%');
  expect(rangeOf(SWITCH)).toBeUndefined();
  expect(rangeOf({ kind: 'integer', min: 0, max: Number.MAX_SAFE_INTEGER, help })).toBeUndefined();
  expect(ruleOf(WIDTHS)).toBe('takes whole numbers, at least 1');
  expect(ruleOf({ kind: 'choice', choices: ['one'], help })).toBe('can only be one');
  expect([defaultTextOf(SHARE), defaultTextOf(WIDTHS), defaultTextOf(RATE)]).toEqual([
    '95%',
    '3,4',
    undefined,
  ]);
});
