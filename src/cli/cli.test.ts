import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import { families } from '../likelihood/registry.js';
import { ACTIVATIONS } from '../model/activations.js';
import { SETTINGS } from '../settings/table.js';
import { runCli } from './cli.js';
import type { Run } from './command.js';
import { COMMAND_NAMES } from './commands.js';
import { entriesOf } from './help.js';
import { memoryIo } from './io.js';
import { manualPage } from './markdown.js';
import type { Registry } from './registry.js';

const never = new AbortController().signal;

function registryWith(run: Run<'inspect'>): Registry {
  const missing = (): never => expect.fail('another command was loaded');
  return {
    demo: missing,
    train: missing,
    estimate: missing,
    merge: missing,
    compile: missing,
    spectrum: missing,
    solve: missing,
    compare: missing,
    verify: missing,
    variance: missing,
    forms: missing,
    plan: missing,
    work: missing,
    status: missing,
    submit: missing,
    sweep: missing,
    reproduce: missing,
    envs: missing,
    'envs check': missing,
    watch: missing,
    'bench-env': missing,
    'rl train': missing,
    'rl evaluate': missing,
    'rl compare': missing,
    inspect: async () => ({ run }),
  };
}

async function inspect(run: Run<'inspect'>, io = memoryIo(), signal = never): Promise<number> {
  return runCli(['inspect', 'model.onnx', '--json'], {
    io,
    version: '1.2.3',
    signal,
    registry: registryWith(run),
  });
}

describe('runCli', () => {
  it('gives a command what it was asked', async () => {
    const io = memoryIo();
    const code = await inspect(async (context) => {
      context.io.stdout.write(JSON.stringify(context.manifest.arguments));
      expect(context.commandLine).toBe('fim inspect model.onnx --json');
      expect(context.options.json).toBe(true);
    }, io);
    expect([code, io.out(), io.err()]).toEqual([0, '{"model":"model.onnx"}', '']);
  });

  it.each([
    ['bad-input', 3],
    ['unsupported', 3],
    ['answer-no', 1],
    ['usage', 2],
    ['internal', 1],
  ] as const)('maps %s to exit code %d', async (kind, code) => {
    const failing = inspect(async () => {
      throw new FimError({ code: 'x/y', kind, where: 'here', rule: 'must hold' });
    });
    expect(await failing).toBe(code);
  });

  it('complains without a stack, the next step after a blank line', async () => {
    const io = memoryIo();
    await inspect(async () => {
      throw new FimError({
        code: 'x/y',
        where: 'a.npz',
        rule: 'needs x',
        got: 'z',
        cause: 'renamed',
        next: 'fim --help',
      });
    }, io);
    expect(io.err()).toBe('error: a.npz: needs x\n  got:   z\n  cause: renamed\n\nhint: fim --help\n');
    expect(io.out()).toBe('');
  });

  it('asks for a report of what it does not know, with the stack under FIM_DEBUG', async () => {
    const fail: Run<'inspect'> = async () => {
      throw new TypeError('x is undefined', { cause: new RangeError('beneath') });
    };
    const plain = memoryIo();
    expect(await inspect(fail, plain)).toBe(1);
    expect(plain.err()).toContain('fault in fim');
    expect(plain.err()).toContain('hint: run the same command with FIM_DEBUG=1');
    expect(plain.err()).not.toContain('cli.test');
    const debug = memoryIo({ debug: true });
    await inspect(fail, debug);
    expect(debug.err()).toContain('cli.test');
    expect(debug.err()).toContain('RangeError: beneath');
  });

  it('ends with 130 once interrupted, whatever the command makes of it', async () => {
    const abort = new AbortController();
    abort.abort();
    expect(await inspect(async () => undefined, memoryIo(), abort.signal)).toBe(130);
    expect(await inspect(async ({ signal }) => signal.throwIfAborted(), memoryIo(), abort.signal)).toBe(130);
    expect(await inspect(async () => 1, memoryIo(), abort.signal)).toBe(1);
  });

  it('prints version and help as data', async () => {
    const io = memoryIo();
    const options = { io, version: '1.2.3', signal: never };
    expect(await runCli(['--version'], options)).toBe(0);
    expect(io.out()).toBe('1.2.3\n');
    expect(await runCli(['help', 'estimate'], options)).toBe(0);
    expect(io.out()).toContain('Never guessed');
    expect(io.err()).toBe('');
  });
});

describe('the table', () => {
  it('shows each option in the help of every command that takes it, and in no other', () => {
    for (const command of COMMAND_NAMES) {
      const listed = entriesOf(command).flatMap(({ entries }) => entries);
      const rows = Object.values(SETTINGS).filter((row) =>
        (row.commands as readonly string[]).includes(command),
      );
      expect(listed).toHaveLength(rows.length);
    }
  });

  it('has no name twice within a command', () => {
    for (const command of COMMAND_NAMES) {
      const names = entriesOf(command).flatMap(({ entries }) =>
        entries.flatMap((entry) => [entry.flag, ...entry.others]),
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('offers the likelihoods and activations that there are', () => {
    expect([...SETTINGS.likelihood.choices].sort()).toEqual(families.map((family) => family.name).sort());
    expect([...SETTINGS.activation.choices].sort()).toEqual(Object.keys(ACTIVATIONS).sort());
  });

  it.each([80, 100])(
    'never shows help wider than a screen of %i, but for lines to be pasted',
    async (columns) => {
      const words = [['--help'], ...COMMAND_NAMES.map((command) => ['help', command])];
      for (const line of words) {
        const io = memoryIo({ columns });
        await runCli(line, { io, version: '1', signal: never });
        const lines = io.out().split('\n');
        const wide = lines.filter((text) => !text.startsWith('  fim ') && [...text].length > columns);
        expect(wide).toEqual([]);
      }
    },
  );

  it('is the manual: docs/cli.md is what `npm run docs` writes', () => {
    expect(readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')).toBe(manualPage());
  });
});
