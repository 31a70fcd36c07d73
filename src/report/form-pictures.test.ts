/** Pictures of arrays: one cell a number, its shade by size, its colour by sign; large ones reduced to the largest of each cell. */
import { describe, expect, it } from 'vitest';
import { matrixPicture } from './figures/matrix-picture.js';
import { formPictures } from './form-pictures.js';

const words = { title: 't', description: 'd' };
const cells = (svg: string, kind: string) =>
  [...svg.matchAll(new RegExp(`class="${kind}"[^>]*d="([^"]*)"`, 'g'))].flatMap(
    ([, d]) => d.match(/M/g) ?? [],
  ).length;

describe('pictures of matrices', () => {
  it('have a cell for each number that is not far below the largest', () => {
    const svg = String(matrixPicture({ ...words, values: [1, -1, 0, 1e-9], rows: 2, columns: 2 }));
    expect(cells(svg, 'fill1')).toBe(1);
    expect(cells(svg, 'fill2')).toBe(1);
  });

  it('of large matrices show the largest number of each cell', () => {
    const values = new Float64Array(200 * 200);
    values[200 * 200 - 1] = -5;
    const svg = String(matrixPicture({ ...words, values, rows: 200, columns: 200 }));
    expect(cells(svg, 'fill2')).toBe(1);
    expect(cells(svg, 'fill1')).toBe(0);
  });

  it('say the size and the median error', () => {
    expect(formPictures([])).toBeNull();
    const page = String(
      formPictures([
        { name: 'kfac/<w>/A', shape: [2, 2], value: [1, 2, 2, 4], standardError: [0.1, 0.2, 0.2, 0.4] },
      ]),
    );
    expect(page).toContain('kfac/&lt;w&gt;/A');
    expect(page).toMatch(/2 × 2, median error 10 % of an element/);
  });
});
