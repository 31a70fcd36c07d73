/** Data whose rows are read as they are visited, by the command. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatNpy } from '../../src/data/npy.js';
import { tensor } from '../../src/core/tensor.js';
import { fim, fimJson, model, scratch } from './fim.js';

const folder = scratch();
const N = 150_000;
const values = Float32Array.from({ length: 4 * N }, (_, i) => Math.sin(i * 1.7));
const path = folder.path('x.npy');
writeFileSync(path, formatNpy(tensor('float32', [N, 4], values)));
const words = [
  'estimate',
  model('golden-4-5-3'),
  path,
  '--likelihood',
  'categorical',
  '--estimator',
  'exact',
];

describe('estimate of a file larger than half of --memory', () => {
  for (const order of ['seed', 'file']) {
    it(`is the same number by number in the order of the ${order}`, async () => {
      const few = [...words, '--examples', '3000', '--order', order, '--visits', 'uniform'];
      const [whole, byRows] = await Promise.all([fimJson(few), fimJson([...few, '--memory', '4MB'])]);
      expect(byRows.trace).toEqual(whole.trace);
      expect(byRows.layers).toEqual(whole.layers);
      expect(whole.notes.join()).not.toContain('as they are visited');
      expect(byRows.notes).toContain(`${path}: 2.4 MB, whose rows are read and checked as they are visited`);
    });
  }

  it('says how many bytes were read', async () => {
    const few = [...words, '--examples', '3000', '--order', 'file', '--memory', '4MB'];
    const { err } = await fim(few, { slow: true });
    expect(err).toMatch(/51 % {2}trace .* {2}\d+(\.\d+)? kB of 2\.4 MB read/);
  });
});
