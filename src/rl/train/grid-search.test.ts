import { describe, expect, it } from 'vitest';
import { searchGrid, settingsGrid } from './grid-search.js';

describe('a grid of settings', () => {
  it('has every combination, the last name fastest', () => {
    expect(settingsGrid({ clip: [0.1, 0.2], hidden: [[8], [8, 8]] })).toEqual([
      { clip: 0.1, hidden: [8] },
      { clip: 0.1, hidden: [8, 8] },
      { clip: 0.2, hidden: [8] },
      { clip: 0.2, hidden: [8, 8] },
    ]);
    expect(settingsGrid({})).toEqual([{}]);
    expect(settingsGrid({ clip: [] })).toEqual([]);
  });

  it('is searched by the mean over seeds; the first of equals wins', () => {
    const scores = [
      [1, 9],
      [4, 8],
      [6, 6],
      [12, -1],
    ];
    const grid = settingsGrid({ clip: [1, 2, 3, 4] });
    const found = searchGrid(grid, [7, 9], (i, seed) => ({
      score: scores[i][seed === 7 ? 0 : 1],
      diverged: i === 3 && seed === 9,
    }));
    expect(found.chosen).toBe(1);
    expect(found.tried[3]).toEqual({ set: { clip: 4 }, scores: [12, -1], diverged: 1 });
    expect(found.tried.map(({ scores: own }) => own)).toEqual(scores);
  });

  it('never chooses what has no number while another has one', () => {
    const grid = settingsGrid({ clip: [1, 2, 3] });
    const at = (scores: number[]) =>
      searchGrid(grid, [0], (i) => ({ score: scores[i], diverged: false })).chosen;
    expect(at([NaN, -5, -6])).toBe(1);
    expect(at([-5, NaN, -4])).toBe(2);
    expect(at([-Infinity, -Infinity, -1e300])).toBe(2);
  });

  it('refuses an empty one', () => {
    const trial = () => ({ score: 0, diverged: false });
    expect(() => searchGrid([], [0], trial)).toThrow(/0 configurations and 1 seeds/);
    expect(() => searchGrid([{}], [], trial)).toThrow(/0 seeds/);
  });
});
