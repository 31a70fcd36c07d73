/**
 * `fim estimate --shard` and `fim merge`: four parts by four processes say what the single run says, in text, JSON and files; what does
 * not belong together, is missing or comes twice is named.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readArrays, writeArrays } from '../../src/disk/index.js';
import { parse } from '../../src/cli/parse.js';
import { Sequence } from '../../src/core/random.js';
import { type Tensor, toFloat64 } from '../../src/core/tensor.js';
import { openNpz } from '../../src/data/npz.js';
import { expectClose } from '../fisher/close.js';
import { FIM } from '../support/command.js';
import { estimateOf, expectComplaint, fim, fimJson, model, scratch } from './fim.js';

type Plain = Record<string, unknown>;

const { path } = scratch();
const SMALL = 'digits-mlp-sigmoid-small';
const FLAGS = ['--likelihood', 'categorical', '--dtype', 'float64', '--engine', 'small'];
const words = (...more: string[]) => estimateOf(SMALL, ...FLAGS, ...more);

/** Shards in this process; the paths of their files. */
async function shards(name: string, count: number, ...more: string[]): Promise<string[]> {
  const files: string[] = [];
  for (let i = 1; i <= count; i++) {
    const out = path(`${name}-${i}.sums.npz`);
    const ran = await fim(words(...more, '--shard', `${i}/${count}`, '--out', out, '--quiet'));
    expect(ran.code, ran.err).toBe(0);
    files.push(out);
  }
  return files;
}

/** Every leaf with its path, but for clocks. */
function leavesOf(value: unknown, at = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object') return at.endsWith('.seconds') ? [] : [[at, value]];
  return Object.entries(value).flatMap(([key, v]) => leavesOf(v, `${at}.${key}`));
}

/** The same but for clocks and rounding. */
function expectSame(got: unknown, expected: unknown): void {
  const [a, b] = [leavesOf(got), leavesOf(expected)];
  expect(a.map(([at]) => at)).toEqual(b.map(([at]) => at));
  a.forEach(([at, v], i) => {
    const w = b[i][1];
    // A condition is one over the least eigenvalue, which is rounding of the largest.
    const tolerance = at.endsWith('condition') ? 1e-6 : at.endsWith('skewness') ? 1e-8 : 1e-12;
    if (
      typeof v === 'number' &&
      typeof w === 'number' &&
      Math.abs(v - w) <= tolerance * Math.max(1e-3, Math.abs(w))
    )
      return;
    expect([at, v]).toEqual([at, w]);
  });
}

const CASES: [string, string[]][] = [
  ['exact', ['--estimator', 'exact']],
  ['sampled labels', ['--estimator', 'type1', '--labels', '2', '--error', 'sampled', '--largest', '3']],
  ['the whole matrix', ['--form', 'dense', '--population', 'data']],
];

describe('fim merge', () => {
  it.each(CASES)('prints and writes what the single run does: %s', async (name, flags) => {
    const [one, merged] = [path('one.npz'), path('merged.npz')];
    const single = await fimJson(words(...flags, '--out', one));
    const [a, b, c] = await shards(name.replaceAll(' ', '-'), 3, ...flags);
    expectSame(await fimJson(['merge', c, a, b, '--out', merged]), single);
    const [x, y] = [one, merged].map((file) => openNpz(new Uint8Array(readFileSync(file)), file));
    expect([...y.names].sort()).toEqual([...x.names].sort());
    for (const key of x.names) {
      // Elements of both signs: rounding is held against the largest.
      if (key === 'groups/fisher_dense') expectClose(toFloat64(y.get(key)), toFloat64(x.get(key)), 1e-12);
      else expectSame({ ...y.get(key) }, { ...x.get(key) });
    }
    const told = (file: typeof x) => {
      const { command: _, ...rest } = file.manifest() ?? {};
      return rest;
    };
    expectSame(told(y), told(x));
    const text = await fim(['merge', a, b, c]);
    const direct = await fim(words(...flags, '--out', path('again.npz')));
    expect(text.out).toBe(direct.out);
  });

  it('four shards by four processes', async () => {
    const flags = ['--estimator', 'rademacher', '--labels', '2', '--seed', '3'];
    const files = [1, 2, 3, 4].map((i) => path(`process-${i}.sums.npz`));
    const run = (i: number) => {
      const own = words(...flags, '--shard', `${i + 1}/4`, '--out', files[i]);
      return promisify(execFile)(process.execPath, [...FIM, ...own]);
    };
    // The first translates the sources for all.
    await run(0);
    await Promise.all([1, 2, 3].map(run));
    const single = await fimJson(words(...flags, '--out', path('whole.npz')));
    expectSame(await fimJson(['merge', ...files]), single);
  }, 180_000);

  it('rows of the examples by shards and by tasks are those of the single run, bit for bit', async () => {
    const gram = ['--form', 'gram', '--estimator', 'type1', '--labels', '2'];
    const one = path('rows.npz');
    const single = await fimJson<Plain>(words(...gram, '--out', one, '--json', '--quiet'));
    const files = await shards('rows', 3, ...gram);
    const [cut, merged] = [path('rows-tasks'), path('rows-merged.npz')];
    const json = await fimJson(['merge', ...files, '--out', merged, '--json', '--quiet']);
    expect(json).toMatchObject({ form: 'gram', rows: single.rows, forms: single.forms });
    const prepared = await fim(words(...gram, '--run', cut, '--tasks', '4', '--prepare', '--quiet'));
    expect(prepared.code, prepared.err).toBe(0);
    expect((await fim(['work', cut, '--quiet'])).code).toBe(0);
    const tasks = path('rows-work.npz');
    expect((await fim(['merge', cut, '--out', tasks, '--quiet'])).code).toBe(0);
    const want = readArrays(one);
    for (const file of [merged, tasks]) {
      const got = readArrays(file);
      expect([...got.names].sort()).toEqual([...want.names].sort());
      for (const name of want.names.filter((key) => key.startsWith('gram/') || key === 'groups/examples'))
        expect(got.get(name), name).toEqual(want.get(name));
    }
    const spectrum = ['--damping', '0.1', '--top', '2', '--json'];
    expectSame(
      await fimJson<Plain>(['spectrum', merged, ...spectrum]),
      await fimJson<Plain>(['spectrum', one, ...spectrum]),
    );
    expectComplaint(await fim(['merge', ...files, '--memory', '20kB']), {
      code: 2,
      says: ['20kB', 'implicit'],
    });
    const small = words(...gram, '--memory', '20kB', '--shard', '1/1', '--out', path('no.npz'));
    expectComplaint(await fim(small), { code: 2, says: ['kB of', '--tasks', 'implicit', 'dense'] });
    const target = words(...gram, '--target-error', '0.1', '--run', path('target'));
    expectComplaint(await fim(target), { code: 2, says: ['--target-error', '--examples'] });
  });

  it('population and level are chosen at the merge', async () => {
    const files = await shards('chosen', 2, '--estimator', 'exact');
    const more = ['--population', 'data', '--level', '80%'];
    const single = await fimJson(words('--estimator', 'exact', ...more, '--out', path('data.npz')));
    expectSame(await fimJson(['merge', ...files, ...more]), single);
  });

  it('says what is missing, and takes a part where that is asked for', async () => {
    const [a, , c] = await shards('missing', 4, '--estimator', 'exact');
    expectComplaint(await fim(['merge', a, c]), { code: 1, says: ['2/4, 4/4', '--partial'] });
    const part = await fimJson<{ missing: string[]; examples: number; notes: string[] }>([
      'merge',
      a,
      c,
      '--partial',
    ]);
    expect(part.missing).toEqual(['2/4', '4/4']);
    expect(part.notes).toContain('partial: without the shards 2/4, 4/4');
    const whole = await fimJson(words('--estimator', 'exact'));
    expect(Math.abs(part.examples - whole.examples / 2)).toBeLessThanOrEqual(1);
  });

  it('refuses what comes twice, strangers, files of another kind', async () => {
    const [a, b] = await shards('own', 2, '--estimator', 'type1');
    const [, other] = await shards('seed', 2, '--estimator', 'type1', '--seed', '1');
    expectComplaint(await fim(['merge', a, b, a]), { code: 2, says: ['shard 1/2 in', 'same examples'] });
    expectComplaint(await fim(['merge', a, other]), { code: 3, says: [other, 'the seed', '0 and 1'] });
    const data = model(SMALL, 'data.npz');
    expectComplaint(await fim(['merge', a, data]), { code: 3, says: [data, 'no sums'] });
    expectComplaint(await fim(['merge', model(SMALL)]), {
      code: 2,
      says: ['fim combine', 'lacks', '--shard'],
    });
    expectComplaint(await fim(['merge']), { code: 2, says: ['needs FILE'] });
  });
});

describe('fim estimate --shard', () => {
  it.each(['0/4', '5/4', 'x', '1/0', '1.5/4', '-1/4', '1/4/2'])('%s is refused', async (shard) => {
    const ran = await fim(words(`--shard=${shard}`, '--out', path('never.npz')));
    expectComplaint(ran, { code: 2, says: [`--shard ${shard}`, 'I/N'] });
  });

  it('what goes by all examples names the command that decides first', async () => {
    const part = ['--shard', '1/4', '--out', path('never.npz')];
    expectComplaint(await fim(words(...part, '--examples', '20')), {
      code: 2,
      says: ['--run DIR --prepare'],
    });
    expectComplaint(await fim(words(...part, '--estimator', 'auto')), {
      code: 2,
      says: [/hint: .*--estimator auto .*--run DIR --prepare/],
    });
    expectComplaint(await fim(words(...part, '--target-error', '2%')), {
      code: 2,
      says: ['--run DIR --prepare'],
    });
    expectComplaint(await fim(words('--shard', '1/4')), { code: 2, says: ['--out part-1.sums.npz'] });
    expect(existsSync(path('never.npz'))).toBe(false);
  });

  it('a merged file names the merge, and lacks θ where part 1 is missing, which is said', async () => {
    const parts = await shards('named', 3, '--estimator', 'exact');
    const out = path('named.npz');
    const whole = await fim(['merge', ...parts, '--out', out]);
    expect([whole.code, whole.err]).toEqual([0, expect.not.stringContaining('lacks')]);
    const file = readArrays(out);
    expect(file.manifest()?.['command']).toMatchObject({ command: 'merge' });
    expect(file.names.some((name) => name.startsWith('theta/'))).toBe(true);
    const some = await fim(['merge', ...parts.slice(1), '--partial', '--out', out]);
    expect([some.code, some.err]).toEqual([0, expect.stringContaining('lacks the parameters θ')]);
    expect(readArrays(out).names.some((name) => name.startsWith('theta/'))).toBe(false);
  });

  it('what is named can be pasted, whatever the names of files and the options', async () => {
    const part = ['--shard', '1/4', '--out', path('a part.npz'), '--estimator', 'exact', '--largest', '3'];
    const fewer = await fim(words(...part, '--examples', '20'));
    expect(fewer.err).toMatch(/hint: fim estimate .* --examples 20 .*--run DIR --prepare$/m);
    const target = await fim(words(...part, '--target-error', '2%'));
    const [, line] = /hint: fim (estimate .*)$/m.exec(target.err) as unknown as [string, string];
    expect(parse(line.split(' '))).toMatchObject({
      ...{ kind: 'command', command: 'estimate', options: { targetError: 0.02, run: 'DIR', prepare: true } },
    });
    for (const { err } of [fewer, target]) expect(err.split('hint:')[1]).not.toMatch(/part|--shard/);
    const both = await fim(words(...part, '--run', 'other', '--parameter-ranges', '2'));
    expect(both.err).toMatch(/hint: fim estimate .*--run DIR --prepare$/m);
    expect(both.err.match(/--run/g)).toHaveLength(1);
  });

  it('replaces its own file and no other', async () => {
    const [file] = await shards('again', 2, '--estimator', 'exact');
    const before = readFileSync(file);
    const own = words('--estimator', 'exact', '--out', file);
    expect((await fim([...own, '--shard', '1/2', '--batch', '7'])).code).toBe(0);
    for (const more of [
      ['--shard', '2/2'],
      ['--shard', '1/2', '--seed', '4'],
    ]) {
      const kept = readFileSync(file);
      expectComplaint(await fim([...own, ...more]), { code: 2, says: ['replaces no file', 'shard 1/2'] });
      expect(readFileSync(file)).toEqual(kept);
    }
    const stranger = path('stranger.npz');
    writeFileSync(stranger, before.subarray(0, 100));
    expectComplaint(await fim(words('--shard', '1/2', '--out', stranger)), {
      code: 2,
      says: ['another kind'],
    });
    expect(readFileSync(stranger)).toHaveLength(100);
  });
});

describe('the seal of a part', () => {
  const FLIPS = 60;
  const edited = (
    from: string,
    to: string,
    change: (arrays: Map<string, Tensor>, manifest: Plain) => void,
  ) => {
    const file = readArrays(from);
    const arrays = new Map(file.names.map((name) => [name, file.get(name)]));
    const manifest = structuredClone(file.manifest()) as Plain;
    change(arrays, manifest);
    writeArrays(to, arrays, manifest);
    return to;
  };

  it.each(['npz', 'safetensors'])('bits that are changed change no number: %s', async (format) => {
    const ran = async (i: number, out: string) =>
      (await fim(words('--estimator', 'exact', '--shard', `${i}/2`, '--out', out, '--quiet'))).code;
    const [one, two] = [1, 2].map((i) => path(`flip-${i}.sums.${format}`));
    expect([await ran(1, one), await ran(2, two)]).toEqual([0, 0]);
    const right = await fim(['merge', one, two]);
    const whole = readFileSync(two);
    const draws = new Sequence(11, 'flips');
    let refused = 0;
    for (let k = 0; k < FLIPS; k++) {
      const bytes = Uint8Array.from(whole);
      bytes[draws.integer(bytes.length)] ^= 1 << draws.integer(8);
      writeFileSync(two, bytes);
      const { code, out } = await fim(['merge', one, two]);
      expect([0, 3]).toContain(code);
      if (code === 0) expect(out).toBe(right.out);
      else refused++;
    }
    expect(refused).toBeGreaterThan(FLIPS / 2);
    writeFileSync(two, whole);
    expect((await fim(['merge', one, two])).out).toBe(right.out);
  });

  it('numbers and words that are changed in a sound archive are refused, and so are files without it', async () => {
    const [a, b] = await shards('sealed', 2, '--estimator', 'exact', '--form', 'dense');
    const numbers = edited(b, path('numbers.sums.npz'), (arrays) => {
      for (const [name, { data }] of arrays) if (name.startsWith('dense/') && data.length > 0) data[0] = 1;
    });
    expectComplaint(await fim(['merge', a, numbers]), {
      code: 3,
      says: [numbers, 'numbers of the array "dense/'],
    });
    const words = edited(b, path('words.sums.npz'), (_, manifest) => {
      (manifest.beside as { facts: { examples: number } }).facts.examples = 3;
    });
    expectComplaint(await fim(['merge', a, words]), {
      code: 3,
      says: [words, 'a manifest of another checksum'],
    });
    const version = edited(b, path('version.sums.npz'), (_, { seal }) => {
      (seal as { fim: string }).fim = '0.0.9';
    });
    expectComplaint(await fim(['merge', a, version]), { code: 3, says: [version, 'fim "0.0.9"'] });
  });

  it('the next step that is named works: the same line replaces a part without a seal', async () => {
    const [a, b] = await shards('older', 2, '--estimator', 'exact');
    edited(b, b, (_, manifest) => delete manifest.seal);
    expectComplaint(await fim(['merge', a, b]), { code: 3, says: ['without a seal', '--shard 2/2 --out'] });
    expect((await fim(words('--estimator', 'exact', '--shard', '2/2', '--out', b))).code).toBe(0);
    expect((await fim(['merge', a, b])).code).toBe(0);
  });
});
