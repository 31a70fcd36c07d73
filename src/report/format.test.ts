import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatPercent,
  formatTimeLeft,
} from './format.js';

describe('formatEstimate', () => {
  it.each([
    [16.584, 0.4712, '16.58 ± 0.47'],
    [16.584, 4.7, '16.6 ± 4.7'],
    [1658.4, 47, '1658 ± 47'],
    [0.0016584, 0.000047, '0.001658 ± 0.000047'],
    [1.6584e-5, 4.7e-7, '(1.658 ± 0.047)e−5'],
    [165840, 4700, '(1.658 ± 0.047)e5'],
    [1.6584e9, 4.7e7, '(1.658 ± 0.047)e9'],
    [12345678, 12, '(1.2345678 ± 0.0000012)e7'],
    [0, 0.0123, '0.000 ± 0.012'],
    [-3.14159, 0.02, '−3.142 ± 0.020'],
    [-0.0001, 0.0123, '0.000 ± 0.012'],
    [0.001, 0.996, '0.0 ± 1.0'],
    [2.5, 0.0996, '2.50 ± 0.10'],
  ])('writes %d and %d as %s', (value, error, text) => {
    expect(formatEstimate(value, error)).toBe(text);
  });

  it('leaves out an unknown error and marks an exact value', () => {
    expect(formatEstimate(1.23456, null)).toBe('1.235');
    expect(formatEstimate(1.2345678, 0)).toBe('1.23457 ± 0');
    expect(formatEstimate(NaN, 0.1)).toBe('NaN');
  });
});

describe('single figures', () => {
  it('keeps significant digits', () => {
    expect(formatNumber(0.0012345)).toBe('0.001234');
    expect(formatNumber(123456.7)).toBe('123457');
    expect(formatNumber(1.5e-7)).toBe('1.500e−7');
    expect(formatNumber(9.9999e-5, 3)).toBe('0.000100');
    expect(formatNumber(-Infinity)).toBe('−∞');
    expect(formatNumber(3e12, 2)).toBe('3.0e12');
  });

  it('gives intervals the digits that their width warrants', () => {
    expect(formatInterval(15.6612, 17.5034)).toBe('[15.66, 17.50]');
    expect(formatInterval(1.566e-6, 1.75e-6)).toBe('[1.566e−6, 1.750e−6]');
    expect(formatInterval(-0.02, 0.31)).toBe('[−0.020, 0.310]');
    expect(formatInterval(2, 2)).toBe('[2.00000, 2.00000]');
  });

  it('writes shares, counts and times', () => {
    expect(formatPercent(0.02837)).toBe('2.8 %');
    expect(formatPercent(1.3)).toBe('130 %');
    expect(formatPercent(0.00041)).toBe('0.041 %');
    expect(formatPercent(NaN)).toBe('–');
    expect(formatCount(9999)).toBe('9999');
    expect(formatCount(1234567)).toBe('1\u202f234\u202f567');
    expect(formatDuration(0.0123)).toBe('12 ms');
    expect(formatDuration(3.21)).toBe('3.2 s');
    expect(formatDuration(59.7)).toBe('1 min');
    expect(formatDuration(200)).toBe('3 min 20 s');
    expect(formatDuration(7500)).toBe('2 h 5 min');
    expect(formatTimeLeft(0.3)).toBe('< 1 s');
    expect(formatTimeLeft(43.2)).toBe('45 s');
    expect(formatTimeLeft(287)).toBe('5 min');
  });
});
