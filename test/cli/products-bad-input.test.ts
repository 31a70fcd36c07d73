/** `fim solve`, `fim verify` and `fim compare` with bad files: one complaint each, whose next step works, and nothing written. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/cli/parse.js';
import { tensor } from '../../src/core/tensor.js';
import { readArrays } from '../../src/disk/index.js';
import { expectComplaint, fim, wave, writeNpz } from './fim.js';
import { SAID, smallFisher } from './small-fisher.js';

const { path, network, data, estimated } = smallFisher();
/** P. */
const P = 21;

const rows = (name: string, fill: (i: number) => number): string => {
  const values = Float64Array.from({ length: P }, (_, i) => fill(i));
  return writeNpz(path(`${name}.npz`), { v: tensor('float64', [1, P], values) });
};
const hintOf = (err: string): string[] => (/hint: fim (.*)$/m.exec(err)?.[1] ?? '').split(' ');

describe('vectors that are not finite', () => {
  it.each([Number.NaN, Infinity, -Infinity])(
    '%s is refused by its place, and no solution written',
    async (x) => {
      const file = await estimated('bad-dense', '--form', 'dense');
      const rhs = rows('bad-rhs', (i) => (i === 3 ? x : 1));
      const out = path('bad-out.npz');
      for (const words of [
        ['solve', file, '--rhs', rhs, '--out', out],
        ['solve', network, data, ...SAID, '--rhs', rhs, '--out', out],
        ['verify', network, data, ...SAID, '--directions', rhs],
        ['verify', file, network, data, ...SAID, '--directions', rhs],
      ])
        expectComplaint(await fim(words), { code: 3, says: ['array v', `${x} at place 3`, 'isfinite'] });
      expect(existsSync(out)).toBe(false);
    },
  );

  it('large and small ones are solved as 1 is, whatever their squares', async () => {
    const solved = async (name: string, x: number): Promise<Float64Array> => {
      const [rhs, out] = [rows(`size-${name}`, (i) => x * (1 + (i % 3))), path(`size-${name}-out.npz`)];
      const words = ['solve', network, data, ...SAID, '--dtype', 'float64', '--damping', '0.1'];
      const ran = await fim([...words, '--rhs', rhs, '--out', out]);
      expect(ran.code, ran.err).toBe(0);
      return readArrays(out).get('v').data as Float64Array;
    };
    const one = await solved('one', 1);
    for (const power of [600, -600]) {
      const other = await solved(`p${power}`, 2 ** power);
      expect(other).toEqual(one.map((u) => u * 2 ** power));
    }
  });
});

describe('files in each other’s places', () => {
  it('the line that was meant is named, and can be read', async () => {
    const file = await estimated('bad-places');
    const rhs = writeNpz(path('places rhs.npz'), { v: wave(2, P) });
    const cases: [string[], string[]][] = [
      [
        ['solve', network, '--rhs', rhs],
        [network, 'DATA.npz'],
      ],
      [
        ['spectrum', network],
        [network, 'DATA.npz'],
      ],
      [
        ['compare', file, network],
        [file, network, 'DATA.npz'],
      ],
      [
        ['compare', network, file, data],
        [file, network, data],
      ],
      [
        ['verify', file, data],
        [file, 'MODEL.onnx', data],
      ],
      [
        ['verify', file, network],
        [file, network, 'DATA.npz'],
      ],
      [
        ['verify', network, network, data],
        [network, data],
      ],
    ];
    for (const [words, places] of cases) {
      const ran = await fim(words);
      expectComplaint(ran, { code: 2, says: [places.join(' ')] });
      expect(parse(hintOf(ran.err.replaceAll(`'${rhs}'`, 'rhs.npz')))).toMatchObject({ kind: 'command' });
    }
  });

  it('a folder with a blank is quoted where it is to be made', async () => {
    const ran = await fim(['solve', network, data, '--rhs', 'r.npz', '--out', path('no such/x.npz')]);
    expectComplaint(ran, { code: 3, says: [`mkdir -p '${path('no such')}'`] });
  });

  it('a folder that takes no files is no folder that is missing', async () => {
    const file = await estimated('bad-proc');
    const rhs = writeNpz(path('proc-rhs.npz'), { v: wave(1, P) });
    const ran = await fim(['solve', file, '--rhs', rhs, '--out', '/proc/x.npz']);
    expectComplaint(ran, { code: 3, says: ['could not be written', 'another folder'] });
    expect(ran.err).not.toMatch(/mkdir/);
  });
});
