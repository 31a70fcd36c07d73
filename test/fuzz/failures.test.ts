/** Failures that are injected: arrays that get no memory, threads that are gone. Each is a complaint with a cause, and stops nothing else. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { FIM } from '../support/command.js';
import { fim, model, scratch } from '../cli/fim.js';

const { path } = scratch();
const NET = [model('golden-4-5-3'), model('golden-4-5-3', 'data.npz'), '--likelihood', 'categorical'];
const SMALL = [...NET, '--engine', 'small', '--quiet'];

describe('arrays that get no memory', () => {
  const { Float32Array: F32, Float64Array: F64, Uint8Array: U8 } = globalThis;
  afterEach(() => void Object.assign(globalThis, { Float32Array: F32, Float64Array: F64, Uint8Array: U8 }));

  /** From the `after`th array on, none of more than twenty numbers has room; counts them. */
  function inject(after: number): { made: number } {
    const seen = { made: 0 };
    const failing = <T extends object>(of: T): T =>
      new Proxy(of, {
        construct(target, args: unknown[], self) {
          const [size] = args;
          if (typeof size === 'number' && size > 20 && seen.made++ >= after)
            throw new RangeError('Array buffer allocation failed');
          return Reflect.construct<unknown[], object>(target as never, args, self as never);
        },
      });
    const arrays = { Float32Array: failing(F32), Float64Array: failing(F64), Uint8Array: failing(U8) };
    Object.assign(globalThis, arrays);
    return seen;
  }

  it.each([
    ['estimate', ...SMALL],
    ['estimate', ...SMALL, '--form', 'dense'],
    ['estimate', ...SMALL, '--form', 'kfac'],
    ['variance', ...SMALL],
    ['spectrum', ...SMALL],
    ['plan', ...SMALL],
    [
      'train',
      NET[1],
      '--hidden',
      '5',
      '--epochs',
      '1',
      '--out',
      path('t.onnx'),
      '--engine',
      'small',
      '--quiet',
    ],
  ])('fim %s, from any of them on', async (...words) => {
    const { made } = inject(Infinity);
    expect((await fim(words)).code).toBeLessThanOrEqual(1);
    const all = inject(Infinity);
    await fim(words);
    expect(made).toBe(0);
    expect(all.made).toBeGreaterThan(3);
    const step = Math.max(1, Math.floor(all.made / 8));
    for (let after = 0; after < all.made; after += step) {
      inject(after);
      const { code, err } = await fim(words);
      expect([code, err.includes('should not')], `${after} of ${all.made}: ${err}`).toEqual([3, false]);
      expect(err).toMatch(/memory: the arrays of the work must have room/);
      expect(err).toMatch(/this process holds .+B, the machine has .+B/);
      expect(err).toMatch(/hint: .*--(memory|batch|examples)/);
    }
  });
});

describe('threads that are gone', () => {
  /** Ends the `which`th thread that is started from now on, when it has run or told something, or told what `told` is true of. */
  async function losing<T>(
    which: number,
    on: 'online' | 'message',
    act: () => Promise<T>,
    told: (message: unknown) => boolean = () => true,
  ): Promise<T> {
    let count = 0;
    const lose = (worker: Worker): void => {
      if (count++ !== which) return;
      const end = (message: unknown): void => {
        if (!told(message)) return;
        worker.off(on, end);
        void worker.terminate();
      };
      worker.on(on, end);
    };
    process.on('worker', lose);
    try {
      return await act();
    } finally {
      process.off('worker', lose);
    }
  }

  it('one of --threads 2: a complaint, and the next run is whole', async () => {
    const words = [
      'estimate',
      ...SMALL,
      '--estimator',
      'type1',
      '--labels',
      '3000',
      '--threads',
      '2',
      '--batch',
      '8',
    ];
    const { code, err } = await losing(1, 'message', () => fim(words));
    expect([code, err.includes('should not')], err).toEqual([3, false]);
    expect(err).toMatch(/a thread that runs batches: ended before its work was done/);
    expect((await fim(words)).code).toBe(0);
  });

  it('one of the environments of rl train: a complaint, and the same line goes on', async () => {
    const words = [
      'rl',
      'train',
      'CartPole-v1',
      '--steps',
      '6000',
      '--workers',
      '2',
      '--out',
      path('run'),
      '--quiet',
    ];
    const { code, err } = await losing(0, 'online', () => fim(words));
    expect([code, err.includes('should not')], err).toEqual([3, false]);
    expect((await fim(words)).code).toBe(0);
  });

  it('one run of a comparison: it fails by name, the others are done, and the same line does it again', async () => {
    const words = [
      ...['rl', 'compare', '--algorithms', 'reinforce,a2c', '--envs', 'CartPole-v1', '--steps', '30000'],
      ...['--seeds', '2', '--workers', '2', '--out', path('compared'), '--quiet'],
    ];
    // At the first news of a run: the pilots before it tell their answers only, and whose comes first is a matter of time.
    const ofRun = (message: unknown): boolean => Object.hasOwn(message as object, 'news');
    const { code, err } = await losing(0, 'message', () => fim(words), ofRun);
    expect([code, err.includes('should not')], err).toEqual([3, false]);
    expect(err).toMatch(/failed: .* seed/);
    expect(err).toMatch(/the thread of a run ended before the run did/);
    const again = await fim(words);
    expect(again.code, again.err).toBe(0);
    expect(existsSync(path('compared/runs/a2c/CartPole-v1/0/result.json'))).toBe(true);
  });

  it("the command's own: exit code 3 with a cause", () => {
    const lose = `data:text/javascript,process.on('worker',(w)=>w.on('online',()=>w.terminate()))`;
    const words = ['estimate', ...SMALL, '--estimator', 'type1', '--labels', '1000'];
    // Behind the loader of the sources, which has a thread too.
    const node = [...FIM.slice(0, -1), '--import', lose, FIM[FIM.length - 1]];
    const { status, stderr } = spawnSync(process.execPath, [...node, ...words], { encoding: 'utf8' });
    expect(
      [status, stderr.includes('the thread of the work: ended before its work was done')],
      stderr,
    ).toEqual([3, true]);
  });
});
