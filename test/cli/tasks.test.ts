/** An estimate that is cut into tasks is the estimate in one, whoever did the tasks and however often they were killed. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { formatNpy } from '../../src/data/npy.js';
import { readArrays } from '../../src/disk/index.js';
import { encodeModelWithData } from '../../src/graph/onnx/proto/index.js';
import { info, modelOf, node } from '../onnx/builder.js';
import { FIM } from '../support/command.js';
import { expectComplaint, fim, fimJson, model, scratch } from './fim.js';

const { path } = scratch();
const NAME = 'digits-mlp-sigmoid-small';
const files = [model(NAME), model(NAME, 'data.npz')];
const how = ['--likelihood', 'categorical', '--dtype', 'float64', '--engine', 'small', '--threads', '1'];
const estimate = (...words: string[]): string[] => ['estimate', ...files, ...how, ...words];

/** Numbers of a JSON beside those of another, but for clocks: within 1e-12, and everything else the same. */
function expectSame(found: unknown, want: unknown, where = ''): void {
  if (typeof want === 'number') {
    // A condition is one over the smallest eigenvalue, whose own digits are few.
    if (/\.seconds$|\.condition$/.test(where)) return;
    expect(Math.abs((found as number) - want), where).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(want)),
    );
  } else if (want !== null && typeof want === 'object') {
    expect(Object.keys(found as object).sort(), where).toEqual(Object.keys(want).sort());
    for (const [key, value] of Object.entries(want))
      expectSame((found as Record<string, unknown>)[key], value, `${where}.${key}`);
  } else expect(found, where).toBe(want);
}

describe('fim estimate --run', () => {
  it('is the estimate in one, by one process, by workers, with weighted visits', async () => {
    for (const [name, ...words] of [
      ['exact', '--estimator', 'exact'],
      ['type1', '--estimator', 'type1', '--labels', '2', '--seed', '3'],
      ['some', '--estimator', 'type1', '--examples', '40', '--visits', 'weighted'],
      ['layers', '--estimator', 'auto'],
      ['target', '--target-error', '30%', '--estimator', 'exact'],
      ['matrix', '--target-error', '25%', '--form', 'dense', '--population', 'data'],
    ]) {
      const whole = await fimJson(estimate(...words));
      expectSame(await fimJson(estimate(...words, '--run', path(`${name}-run`), '--tasks', '5')), whole);
      const dir = path(`${name}-cut`);
      const prepared = await fimJson<{ tasks: number }>(estimate(...words, '--run', dir, '--prepare'));
      expect(prepared.tasks).toBe(16);
      await Promise.all([fim(['work', dir, '--quiet']), fim(['work', dir, '--quiet'])]);
      expectSame(await fimJson(['merge', dir]), whole);
    }
  });

  it('by ranges of parameters is the estimate in one: the bits of its arrays, its figures, its groups and forms', async () => {
    for (const [name, ...words] of [
      ['exact', '--estimator', 'exact', '--population', 'data', '--largest', '3'],
      ['visits', '--estimator', 'type1', '--examples', '40', '--visits', 'weighted'],
      ['forms', '--estimator', 'exact', '--form', 'kfac', '--form-of', 'fc2.weight=block'],
    ]) {
      const [one, many] = [path(`${name}-one.npz`), path(`${name}-ranges.npz`)];
      const whole = await fimJson(estimate(...words, '--out', one));
      const dir = path(`${name}-ranges`);
      const asked = estimate(...words, '--run', dir, '--parameter-ranges', '2');
      const cut = name === 'exact' ? ['--tasks', '1'] : ['--tasks', '3'];
      const prepared = await fimJson<{ tasks: number }>([...asked, ...cut, '--prepare']);
      expect(prepared.tasks).toBe(3 * Number(cut[1]));
      await Promise.all([fim(['work', dir, '--quiet']), fim(['work', dir, '--quiet'])]);
      expectSame(await fimJson(['merge', dir, '--out', many]), whole);
      const [a, b] = [readArrays(one), readArrays(many)];
      expect([...b.names].sort()).toEqual([...a.names].sort());
      for (const array of a.names) {
        const [x, y] = [a.get(array), b.get(array)];
        if (name === 'exact') expect(y, array).toEqual(x);
        else expectSame([...(y.data as Float64Array)], [...(x.data as Float64Array)], array);
      }
    }
  });

  it('by ranges: what is missing is named, and what goes by no layer is refused', async () => {
    const dir = path('ranges-missing');
    const words = estimate('--estimator', 'exact', '--run', dir, '--parameter-ranges', '2', '--tasks', '2');
    await fim([...words, '--prepare', '--quiet']);
    const { tasks } = JSON.parse(readFileSync(`${dir}/tasks.json`, 'utf8')) as {
      tasks: { name: string; input: { index: number; range: number } }[];
    };
    expect(tasks.map(({ name }) => name).sort()).toEqual(
      ['1', '2'].flatMap((part) =>
        ['range 1 of 2', 'range 2 of 2', 'totals'].map((what) => `part ${part} of 2, ${what}`),
      ),
    );
    const last = tasks.findIndex(({ input }) => input.index === 1 && input.range === 2);
    for (const index of tasks.keys())
      if (index !== last) await fim(['work', dir, '--index', `${index}`, '-q']);
    const missing = await fim(['merge', dir]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/part 2 of 2, range 2 of 2/)]);
    // The first part alone is whole.
    const partial = await fimJson<{ missing: string[] }>(['merge', dir, '--partial']);
    expect(partial.missing).toEqual(['2/2']);
    for (const [more, rule] of [
      [['--parameter-ranges', '2', '--form', 'dense'], /goes by layer/],
      [['--parameter-ranges', '9'], /from 1 to 3 of them/],
    ] as const) {
      const refused = await fim([...estimate('--run', path('ranges-no')), ...more, '--prepare']);
      expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(rule)]);
    }
  });

  it('to a target error out of reach gives the estimate that the data allow, and the answer no', async () => {
    const words = ['--target-error', '1%', '--estimator', 'exact'];
    const whole = await fim(estimate(...words, '--json'));
    const cut = await fim(
      estimate(...words, '--json', '--run', path('far'), '--tasks', '3', '--out', path('no.npz')),
    );
    expect([whole.code, cut.code]).toEqual([1, 1]);
    expectSame(JSON.parse(cut.out), JSON.parse(whole.out));
    const hint = /hint: .*/;
    expect(hint.exec(cut.err)?.[0]).toBe(hint.exec(whole.err)?.[0]);
    expect(existsSync(path('no.npz'))).toBe(false);
    expectComplaint(await fim(['merge', path('far'), '--population', 'data']), {
      code: 2,
      says: ['planned for --population distribution'],
    });
  });

  it('killed at any moment goes on by the same command, to the arrays of a run that nobody killed', async () => {
    const words = (dir: string): string[] =>
      estimate('--estimator', 'type1', '--run', dir, '--tasks', '12', '--out', path('killed.npz'), '--quiet');
    const dir = path('killed');
    const results = (): number =>
      Array.from({ length: 12 }, (_, i) => `${dir}/tasks/${String(i).padStart(4, '0')}/result`).filter((f) =>
        existsSync(f),
      ).length;
    for (const enough of [1, 4, 99]) {
      const child = spawn(process.execPath, [...FIM, ...words(dir)], { stdio: 'ignore' });
      const exited = once(child, 'exit');
      while (results() < enough && child.exitCode === null) await sleep(2);
      // The last is left alone.
      child.kill('SIGKILL');
      await exited;
    }
    expect(results()).toBe(12);
    expect((await fim(estimate('--estimator', 'type1', '--out', path('whole.npz'), '--quiet'))).code).toBe(0);
    const [found, want] = ['killed.npz', 'whole.npz'].map((name) => readArrays(path(name)));
    const fisher = want.names.filter((name) => name.startsWith('fisher/'));
    expect(fisher.length).toBeGreaterThan(1);
    for (const name of fisher) {
      const [a, b] = [found, want].map((file) => file.get(name).data as Float64Array);
      a.forEach((x, i) =>
        expect(Math.abs(x - b[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(b[i]))),
      );
    }
  });

  it('killed inside a part goes on behind the last piece of it, and the estimate is the same', async () => {
    const words = ['--estimator', 'type1', '--labels', '2', '--form', 'kfac'];
    const dir = path('long');
    const prepare = [...words, '--run', dir, '--tasks', '1', '--prepare', '--quiet'];
    const start = (...line: string[]) => spawn(process.execPath, [...FIM, ...line], { stdio: 'ignore' });
    expect(await once(start(...estimate(...prepare)), 'exit')).toEqual([0, null]);
    const written = JSON.parse(readFileSync(`${dir}/tasks.json`, 'utf8')) as Record<string, unknown>;
    const { sha256: _, ...plan } = written as { sha256: string; tasks: { seconds: number }[] };
    // A part of an hour is cut into pieces of a minute.
    plan.tasks[0].seconds = 3600;
    const sha256 = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
    writeFileSync(`${dir}/tasks.json`, JSON.stringify({ ...plan, sha256 }));
    const child = start('work', dir, '--quiet');
    const exited = once(child, 'exit');
    const kept = `${dir}/tasks/0000/work.1/diagonal.kept.bin`;
    while (!existsSync(kept) && child.exitCode === null) await sleep(2);
    child.kill('SIGKILL');
    await exited;
    expect(existsSync(`${dir}/tasks/0000/result`)).toBe(false);
    expect(await once(start('work', dir, '--quiet'), 'exit')).toEqual([0, null]);
    expect(readFileSync(`${dir}/tasks/0000/log`, 'utf8')).toMatch(
      /diagonal: goes on behind piece [1-9]\d* of 60/,
    );
    const json = async (...line: string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(process.execPath, [...FIM, ...line, '--json', '--quiet']);
      return JSON.parse(stdout) as unknown;
    };
    expectSame(await json('merge', dir), await json(...estimate(...words)));
  });

  it('refuses what does not go with it, other commands in its folder, and files that changed', async () => {
    const data = path('data.npz');
    copyFileSync(files[1], data);
    const words = (...more: string[]): string[] => [
      'estimate',
      files[0],
      data,
      ...how,
      '--run',
      path('own'),
      ...more,
    ];
    expect((await fim(words('--prepare', '--estimator', 'exact', '--tasks', '3'))).code).toBe(0);
    expectComplaint(await fim(words('--estimator', 'type1', '--tasks', '3')), {
      code: 2,
      says: ['other work', 'estimator'],
    });
    const missing = await fim(['merge', path('own')]);
    expectComplaint(missing, { code: 1, says: ['has 3 tasks', 'no result of task 0 (part 1 of 3)'] });
    expect((await fim(['work', path('own'), '--index', '1', '--quiet'])).code).toBe(0);
    const part = await fimJson<{ examples: number; missing: string[] }>(['merge', path('own'), '--partial']);
    expect(part.missing).toEqual(['1/3', '3/3']);
    const bytes = readFileSync(data).length;
    appendFileSync(data, new Uint8Array(1));
    expect(readFileSync(data)).toHaveLength(bytes + 1);
    expectComplaint(await fim(['work', path('own')]), { code: 3, says: ['is DATA of the tasks'] });
    expectComplaint(await fim(estimate('--prepare')), { code: 2, says: ['no --run'] });
    expectComplaint(await fim(estimate('--run', path('x'), '--report', path('x.html'))), {
      code: 2,
      says: ['has no page'],
    });
  });

  it('means the paths of a line from where the line is typed, and gives no task up for files of another folder', async () => {
    const here = process.cwd();
    const line = (...words: string[]): string[] => ['estimate', 'm.onnx', 'd.npz', ...how, ...words];
    const run = ['--run', path('shared'), '--tasks', '2', '--examples', '20'];
    for (const name of ['first', 'second', 'third']) mkdirSync(path(name));
    for (const name of ['first', 'second']) {
      copyFileSync(files[0], path(`${name}/m.onnx`));
      copyFileSync(files[1], path(`${name}/d.npz`));
    }
    appendFileSync(path('second/d.npz'), new Uint8Array(1));
    try {
      process.chdir(path('first'));
      expect((await fim(line(...run, '--prepare', '--quiet'))).code).toBe(0);
      process.chdir(path('second'));
      expectComplaint(await fim(line(...run)), { code: 3, says: ['is DATA of the tasks'] });
      expect((await fim(['status', path('shared')])).out).toContain('0 of 2 tasks done, 0 running, 0 failed');
      process.chdir(path('third'));
      expect((await fim(['work', path('shared'), '--quiet'])).code).toBe(0);
      process.chdir(path('third'));
      expect((await fim(['merge', path('shared'), '--out', 'merged.npz', '--quiet'])).code).toBe(0);
      expect(existsSync(path('third/merged.npz'))).toBe(true);
    } finally {
      process.chdir(here);
    }
  });

  it('takes data in several files, and knows each of them', async () => {
    mkdirSync(path('parts'));
    for (const name of ['a', 'b']) copyFileSync(files[1], path(`parts/${name}.npz`));
    const line = (...words: string[]): string[] => ['estimate', files[0], path('parts'), ...how, ...words];
    const run = ['--run', path('of-parts'), '--tasks', '3'];
    const whole = await fimJson(line());
    expect((await fim(line(...run, '--prepare', '--quiet'))).code).toBe(0);
    expectSame(await fimJson(line(...run)), whole);
    appendFileSync(path('parts/b.npz'), new Uint8Array(1));
    const changed = await fim(['work', path('of-parts')]);
    expectComplaint(changed, { code: 3, says: ['is DATA of the tasks', 'b.npz'] });
  });

  it('knows the labels, the weights of examples and the weights beside the network that its tasks read', async () => {
    const N = 30;
    const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(i * i));
    const made = modelOf({
      inputs: [info('x', 'float32', ['n', 4])],
      outputs: ['h'],
      nodes: [node('Gemm', ['x', 'w', 'b'], 'h')],
    });
    const initializers = [
      { name: 'w', ...tensor('float32', [4, 3], Float32Array.from(numbers(12))) },
      { name: 'b', ...tensor('float32', [3], [0, 1, 2]) },
    ].map(({ data, ...one }) => ({ ...one, data: new Uint8Array(data.buffer.slice(0)) }));
    const {
      model: bytes,
      data,
      location,
    } = encodeModelWithData({ ...made, graph: { ...made.graph, initializers } }, { externalThreshold: 1 });
    mkdirSync(path('beside'));
    const put = (name: string, content: Uint8Array): string => {
      writeFileSync(path(`beside/${name}`), content);
      return path(`beside/${name}`);
    };
    const x = put('x.npy', formatNpy(tensor('float32', [N, 4], Float32Array.from(numbers(4 * N)))));
    const y = put(
      'y.npy',
      formatNpy(
        tensor(
          'int32',
          [N],
          Int32Array.from({ length: N }, (_, i) => i % 3),
        ),
      ),
    );
    const w = put(
      'w.npy',
      formatNpy(
        tensor(
          'float64',
          [N],
          numbers(N).map((v) => v * v + 1),
        ),
      ),
    );
    const external = put(location, data);
    const line = (...words: string[]): string[] => [
      ...['estimate', put('model.onnx', bytes), x, '--likelihood', 'categorical', '--estimator', 'empirical'],
      ...['--targets', y, '--example-weights', w, '--engine', 'small', ...words],
    ];
    const dir = path('of-four');
    expect((await fim(line('--run', dir, '--tasks', '2', '--prepare', '--quiet'))).code).toBe(0);
    for (const [file, name] of [
      [y, 'targets'],
      [w, 'exampleWeights'],
      [external, `MODEL ${location}`],
    ]) {
      const kept = readFileSync(file);
      writeFileSync(
        file,
        kept.map((byte, i) => (i === kept.length - 1 ? byte ^ 1 : byte)),
      );
      expectComplaint(await fim(['work', dir]), { code: 3, says: [`is ${name} of the tasks`] });
      writeFileSync(file, kept);
    }
    expect((await fim(['work', dir, '--quiet'])).code).toBe(0);
    expectSame(await fimJson(['merge', dir]), await fimJson(line()));
  });

  it('goes on with other settings of how tasks are done, and says which stay', async () => {
    const run = ['--run', path('how'), '--tasks', '2', '--examples', '20'];
    expect((await fim(estimate(...run, '--attempts', '2', '--prepare', '--quiet'))).code).toBe(0);
    const on = await fim(estimate(...run, '--attempts', '5', '--stale-after', '9'));
    expect(on.code, on.err).toBe(0);
    expect(on.err).toContain('note: --attempts 5: the folder stays as it was prepared, --attempts 2\n');
    expect(on.err).toContain('note: --stale-after 9: the folder stays as it was prepared, without it\n');
    expectComplaint(await fim(estimate(...run, '--seed', '5')), { code: 2, says: ['other work', 'seed'] });
  });

  it('says how tasks that were given up are tried again', async () => {
    const dir = path('given-up');
    const run = ['--run', dir, '--tasks', '2', '--attempts', '1', '--examples', '20'];
    expect((await fim(estimate(...run, '--prepare', '--quiet'))).code).toBe(0);
    writeFileSync(`${dir}/tasks/0001/claim.1`, '{}\n');
    writeFileSync(`${dir}/tasks/0001/failed.1`, '{"message":"no luck"}\n');
    const again = `fim work ${dir} --retry`;
    const failed = await fim(estimate(...run));
    expect([failed.code, failed.err]).toEqual([3, expect.stringContaining(`no luck\n${again} `)]);
    expectComplaint(await fim(['merge', dir]), { code: 1, says: [`hint: ${again}, or take`] });
    expect((await fim(['work', dir, '--retry', '--quiet'])).code).toBe(0);
    expect((await fim(['merge', dir, '--quiet'])).code).toBe(0);
  });

  it('says that a file stands where its folder should be', async () => {
    const file = path('plain');
    writeFileSync(file, 'x');
    expectComplaint(await fim(estimate('--run', file)), { code: 3, says: ['be possible to make'] });
    expectComplaint(await fim(['sweep', '--quick', '--prepare', '--run', file]), {
      code: 3,
      says: ['be possible to make'],
    });
    for (const command of ['work', 'status'])
      expectComplaint(await fim([command, file]), { code: 2, says: ['has a file tasks.json'] });
  });
});
