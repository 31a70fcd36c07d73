/** Command lines made of the settings table: each ends with an exit code of fim, never with a fault of its own. */
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/cli/parse.js';
import { flagOf } from '../../src/cli/flags.js';
import { FimError } from '../../src/core/errors.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { JOBS } from '../../src/settings/jobs.js';
import { rowsOf } from '../../src/settings/table.js';
import { algorithmOf } from '../../src/store/training/grid-file.js';
import { fim, model } from '../cli/fim.js';
import { type Draws, HOSTILE, HUGE } from './mutate.js';
import { CONTROL, expectSound } from './outcome.js';

const SEED = 16;
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'] as const;
const FILES = [model('golden-4-5-3'), model('golden-4-5-3', 'data.npz'), 'none.onnx', ...HOSTILE] as const;

/** Up to four settings of a command with values of their kind, or none that they take. */
function lineOf(command: (typeof JOBS)[number], s: Draws): string[] {
  const places = Array.from({ length: s.integer(3) }, () => s.pick(FILES));
  const flags = Array.from({ length: s.integer(5) }, () => {
    const [name, row] = s.pick(rowsOf(command));
    const own = row.kind === 'choice' ? row.choices : ['1', '0.5', '1/255', 'a,b', 'a=b'];
    const value = s.pick([s.pick(own), s.pick(own), String(s.pick(HUGE)), s.pick(HOSTILE)]);
    return row.kind === 'boolean' ? [flagOf(name)] : [flagOf(name), value];
  });
  return [...command.split(' '), ...places, ...flags.flat()];
}

describe('command lines', () => {
  it('2000 of all commands are parsed or refused', async () => {
    await expectSound(SEED, 'lines', (s) => parse(lineOf(s.pick(JOBS), s)));
  });

  it('2000 of inspect and estimate run, or are refused', async () => {
    // The bodies of the commands are loaded before anything is timed.
    for (const words of [['inspect'], ['estimate']])
      await fim([...words, 'none.onnx', 'none.npz'].slice(0, words[0] === 'inspect' ? 2 : 3));
    await expectSound(SEED, 'runs', async (s) => {
      const files = [model('golden-4-5-3'), model('golden-4-5-3', 'data.npz')];
      const command = s.pick(['inspect', 'estimate'] as const);
      const words = lineOf(command, s).slice(1);
      const from = words.findIndex((word) => word.startsWith('--'));
      const found = from < 0 ? [] : words.slice(from);
      const writes = /^--(out|report|run|prepare|sums|entries|slurm|redis|threads)/;
      const flags = found.some((flag) => writes.test(flag)) ? [] : found;
      const engine = command === 'inspect' ? [] : ['--engine', 'small'];
      const family = flags.includes('--likelihood') ? [] : ['--likelihood', 'categorical'];
      const line = [
        command,
        ...files.slice(0, command === 'inspect' ? 1 : 2),
        ...engine,
        ...family,
        ...flags,
      ];
      const { code, out, err } = await fim(line);
      expect([0, 1, 2, 3]).toContain(code);
      if (/should not|\n\s+at /.test(err) || CONTROL.test(out + err))
        throw new Error(`${line.join(' ')}: ${err}`);
      if (code !== 0) throw new FimError({ code: 'usage/option', where: command, rule: 'is refused' });
    });
  });

  it.each(NAMES)('%s is an unknown name of whatever has names', async (name) => {
    expect(() => getLikelihood(name)).toThrow(
      expect.objectContaining({ code: 'likelihood/unknown' }) as Error,
    );
    expect(() => algorithmOf(name, 'x')).toThrow(
      expect.objectContaining({ code: 'compare/algorithm' }) as Error,
    );
    const [network, data] = [model('golden-4-5-3'), model('golden-4-5-3', 'data.npz')];
    for (const words of [
      [name],
      ['estimate', network, data, `--${name}`, '1'],
      ['estimate', network, data, '--likelihood', name],
      ['estimate', network, data, '--likelihood', 'categorical', '--estimator', name],
      ['estimate', network, data, '--likelihood', 'categorical', '--targets', name],
      ['estimate', network, data, '--likelihood', 'categorical', '--input', `x=${name}`],
      ['rl', 'train', name],
      ['rl', 'train', 'CartPole-v1', '--algorithm', name],
      ['rl', 'train', 'CartPole-v1', '--set', `${name}=1`],
    ]) {
      const { code, err } = await fim(words);
      expect([2, 3], `${words.join(' ')}: ${err}`).toContain(code);
      expect(err).not.toContain('should not');
    }
  });
});
