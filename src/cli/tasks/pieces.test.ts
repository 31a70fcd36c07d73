/** A part goes on behind its last piece, to the same bits as undisturbed, and begins again where what was kept is no good. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { makeDataset } from '../../data/index.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { absorbSums } from '../../fisher/sums/merge.js';
import { decideEstimate, shardSums } from '../../jobs/shard.js';
import { getLikelihood } from '../../likelihood/registry.js';
import { denseNetwork } from '../../model/dense.js';
import type { TaskRun } from '../../scale/kind.js';
import { Pieces } from './pieces.js';

const root = mkdtempSync(join(tmpdir(), 'fim-pieces-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const N = 90;
const x = tensor(
  'float64',
  [N, 3],
  Float64Array.from({ length: 3 * N }, (_, i) => Math.sin(i * i)),
);
const of = {
  engine: createSmallEngine(),
  network: denseNetwork({ widths: [3, 5, 4], seed: 1, dtype: 'float64' }),
  likelihood: getLikelihood('categorical'),
  dataset: makeDataset({ source: 'sines', inputs: new Map([['x', x]]) }),
};
const PART = { index: 1, count: 2 };

/** A claim with a workspace of its own. */
function claim(name: string, previous: string | null, signal = new AbortController().signal) {
  const said: string[] = [];
  const path = join(root, name);
  const run: TaskRun = {
    task: { name: 'part 2 of 2', seconds: 5 * 60, input: PART },
    index: 1,
    signal,
    workspace: () => {
      mkdirSync(path, { recursive: true });
      return path;
    },
    previous,
    progress: () => undefined,
    say: (line) => said.push(line),
  };
  return { run, said, path };
}

describe('Pieces', () => {
  it('goes on behind the last that was kept', async () => {
    const decided = await decideEstimate(of, { estimator: 'type1', labels: 2 });
    if (decided === null) throw new Error('decided');
    const whole = await shardSums(of, decided, PART);
    const starts: number[] = [];
    const sum = ({ run }: ReturnType<typeof claim>) =>
      new Pieces(run, PART, N).sum(
        'diagonal',
        (places) => {
          starts.push(places.from);
          return shardSums(of, decided, places);
        },
        absorbSums<'diagonal'>,
      );

    /** Hears where it begins, no more. */
    const stopped = ({ run }: ReturnType<typeof claim>, begun: number[]) =>
      new Pieces(run, PART, N)
        .sum(
          'diagonal',
          ({ from }) => {
            begun.push(from);
            return Promise.reject(new Error('enough'));
          },
          absorbSums<'diagonal'>,
        )
        .catch((error: unknown) => expect(error).toHaveProperty('message', 'enough'));

    const undisturbed = await sum(claim('one', null));
    expect(starts).toEqual([45, 54, 63, 72, 81]);
    expect(undisturbed?.visited).toEqual(whole.visited);
    for (const [key, want] of Object.entries(whole.parts[0]))
      undisturbed?.parts[0][key].forEach((v, i) =>
        expect(Math.abs(v - want[i]), key).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(want[i]))),
      );

    // Stopped in the third piece; then in the fourth, by another; then to the end.
    let previous: string | null = null;
    for (const [name, stop, from] of [
      ['first', 63, [45, 54, 63]],
      ['second', 72, [63, 72]],
      ['third', NaN, [72, 81]],
    ] as const) {
      starts.length = 0;
      const abort = new AbortController();
      const own = claim(name, previous, abort.signal);
      const made = await new Pieces(own.run, PART, N).sum(
        'diagonal',
        (places) => {
          starts.push(places.from);
          if (places.from === stop) abort.abort();
          return shardSums(of, decided, places);
        },
        absorbSums<'diagonal'>,
      );
      expect(starts).toEqual(from);
      if (previous !== null) expect(own.said.join()).toMatch(/goes on behind piece [23] of 5/);
      if (name === 'third') expect(made).toEqual(undisturbed);
      else expect(made).toBeNull();
      previous = own.path;
    }

    // A file that was cut short, or has a bit changed anywhere, is told, and not gone on from.
    const [file] = readdirSync(join(root, 'third'));
    const path = join(root, 'third', file);
    const kept = readFileSync(path);
    const draws = new Sequence(16, 'bits');
    const damages = [kept.subarray(0, 50), ...Array.from({ length: 20 }, () => Buffer.from(kept))];
    for (const [k, bytes] of damages.entries()) {
      if (k > 0) bytes[draws.integer(bytes.length)] ^= 1 << draws.integer(8);
      writeFileSync(path, bytes);
      starts.length = 0;
      const again = claim(`damaged ${k}`, join(root, 'third'));
      if (k < 3) expect(await sum(again)).toEqual(undisturbed);
      else await stopped(again, starts);
      expect(starts[0]).toBe(45);
      expect(again.said.join()).toMatch(/begins again/);
    }
  });
});
