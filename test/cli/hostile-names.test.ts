/** Names of files on a screen and in lines to be pasted: every character seen, no name a command. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { bytesOf, f32, info, node } from '../onnx/builder.js';
import { type FimOptions, fim, scratch, writeNpz } from './fim.js';

const { path } = scratch();
const EVIL = '\u001b]0;title\u0007\u001b[35mRED\u001b[2J\r\u009b1m\u007f\u202ex\u2066\u2028\n';
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
/** What fim draws with on a terminal. */
const OWN = /\u001b\[(?:[12]|22|3[1236]|39)m|\r?\u001b\[2K/g;

const model = path('evil.onnx');
writeFileSync(
  model,
  bytesOf({
    inputs: [info('x', 'float32', ['n', 2])],
    outputs: [`h${EVIL}`],
    nodes: [
      node('MatMul', ['x', `w${EVIL}`], 'z', {}, `n${EVIL}`),
      node('Add', ['z', `b${EVIL}`], `h${EVIL}`, {}, `m${EVIL}`),
    ],
    weights: { [`w${EVIL}`]: f32([2, 2], [1, 2, 3, 4]), [`b${EVIL}`]: f32([2], [0.5, 1]) },
    producer: `p${EVIL}`,
  }),
);
const data = path('d.npz');
writeNpz(data, {
  x: tensor(
    'float32',
    [20, 2],
    Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  ),
});
const csv = path('e.csv');
writeFileSync(csv, `"a${EVIL}","y; touch PASTED #","z\nrm -rf x"\n${'1,2,q\u001b[31m\n'.repeat(12)}`);
const gaussian = ['--likelihood', 'gaussian', '--variance', '1'];

const COMMANDS: readonly (readonly string[])[] = [
  ['inspect', model],
  ['inspect', model, ...gaussian],
  ['estimate', model, data, ...gaussian],
  ['estimate', model, data, ...gaussian, '--verbose'],
  ['variance', model, data, ...gaussian],
  ['plan', model, data, ...gaussian],
  ['estimate', model, csv, ...gaussian],
  ['estimate', model, data, ...gaussian, '--parameters', `no${EVIL}`],
  ['train', csv, '--out', path('t.onnx')],
  ['train', csv, '--target-column', 'z\nrm -rf x', '--out', path('t.onnx')],
  ['inspect', path(`gone\u001b[2J`)],
  [`x${EVIL}`],
];

describe('names of files', () => {
  for (const words of COMMANDS) {
    it(`show every character: fim ${JSON.stringify(words.map((w) => w.split('/').at(-1))).slice(0, 60)}`, async () => {
      for (const look of [
        {},
        { isTTY: true, slow: true },
        { isTTY: true, colour: true, slow: true },
      ] as FimOptions[]) {
        const { out, err } = await fim(words, look);
        expect(out + err).not.toBe('');
        const seen = look.isTTY ? (out + err).replace(OWN, '') : out + err;
        expect(UNSEEN.exec(seen)?.[0].codePointAt(0)).toBeUndefined();
        expect(seen).not.toMatch(/^rm -rf/m);
      }
    });
  }

  it('are one word of the line that a hint gives', async () => {
    const { code, err } = await fim(['train', csv, '--out', path('t.onnx')]);
    expect(code).toBe(3);
    expect(err).toContain("$'z\\nrm -rf x'");
  });
});
