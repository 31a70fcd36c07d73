import { describe, expect, expectTypeOf, it } from 'vitest';
import { FimError } from '../core/errors.js';
import type { Context } from './command.js';
import type { CommandName } from './commands.js';
import { commandLine, fromManifest, toManifest } from './manifest.js';
import type { SettingsOf } from '../settings/table.js';
import { parse, type ParsedCommand } from './parse.js';

function parsed<C extends CommandName>(line: string): ParsedCommand<C> {
  const result = parse(line.split(' '));
  if (result.kind !== 'command') expect.fail(`${line} is ${result.kind}`);
  return result as unknown as ParsedCommand<C>;
}

function refused(line: string): FimError {
  try {
    parse(line.split(' '));
  } catch (error) {
    if (error instanceof FimError) return error;
    throw error;
  }
  return expect.fail(`${line} was accepted`);
}

const ESTIMATE = 'estimate model.onnx data.npz';

describe('parse', () => {
  it('fills defaults and knows what was given', () => {
    const { options, positionals, given } = parsed<'estimate'>(`${ESTIMATE} --estimator exact`);
    expect(positionals).toEqual({ model: 'model.onnx', data: 'data.npz' });
    expect([...given]).toEqual(['estimator']);
    expect(options).toMatchObject({
      estimator: 'exact',
      error: 'auto',
      population: 'distribution',
      level: 0.95,
      dtype: 'float32',
      seed: 0,
      parameters: [],
      json: false,
    });
    expect(options.likelihood).toBeUndefined();
    expect(options.examples).toBeUndefined();
  });

  it('reads every form of a value', () => {
    const { options } = parsed<'estimate'>(
      `${ESTIMATE} --scale=1/255 --target-error 2% --level 0.9 --variance 2.5e-1 -o a.npz --json --parameters fc1.*,{a,b}.w --parameters c`,
    );
    expect(options.scale).toBe(1 / 255);
    expect(options.targetError).toBe(0.02);
    expect(options.level).toBe(0.9);
    expect(options.variance).toBe(0.25);
    expect(options.out).toBe('a.npz');
    expect(options.json).toBe(true);
    expect(options.parameters).toEqual(['fc1.*', '{a,b}.w', 'c']);
    expect(parsed<'train'>('train --hidden 64,32').options.hidden).toEqual([64, 32]);
  });

  it('takes other names of flags and values', () => {
    const { options } = parsed<'estimate'>(`${ESTIMATE} --estimator mc --draws 3`);
    expect(options.estimator).toBe('type1');
    expect(options.labels).toBe(3);
    expect(parsed<'estimate'>(`${ESTIMATE} --sigma2 4`).options.variance).toBe(4);
  });

  it('ends the options at --', () => {
    expect(parsed<'estimate'>('estimate --json -- --odd.onnx -x.npz').positionals).toEqual({
      model: '--odd.onnx',
      data: '-x.npz',
    });
  });

  it('answers help and version wherever they stand', () => {
    expect(parse([])).toEqual({ kind: 'help', command: undefined });
    expect(parse(['help', 'train'])).toEqual({ kind: 'help', command: 'train' });
    expect(parse(['estimate', '--help'])).toEqual({ kind: 'help', command: 'estimate' });
    expect(parse(['-V'])).toEqual({ kind: 'version' });
  });
});

describe('refusals', () => {
  it.each([
    ['estmate a b', 'usage/command', 'did you mean fim estimate?'],
    [`${ESTIMATE} --lables 2`, 'usage/option', 'did you mean --labels?'],
    [`${ESTIMATE} --likelyhood=gaussian`, 'usage/option', 'did you mean --likelihood?'],
    [`${ESTIMATE} --estimator rademcher`, 'usage/value', '--estimator rademacher'],
    [`${ESTIMATE} --level 95`, 'usage/value', '--level 95%'],
    [`${ESTIMATE} --population`, 'usage/value', 'fim estimate --help'],
    ['estimate model.onnx', 'usage/arguments', 'fim estimate MODEL DATA [options]'],
    [`${ESTIMATE} more.npz`, 'usage/arguments', 'fim estimate MODEL DATA [options]'],
    [`${ESTIMATE} --seed 1 --seed 2`, 'usage/twice', 'fim estimate --help'],
    [`${ESTIMATE} --estimator exact --labels 2`, 'usage/companion', undefined],
    ['inspect m.onnx --epochs 2', 'usage/option', 'fim inspect --help'],
    ['--json', 'usage/option', 'fim --help'],
  ])('fim %s', (line, code, next) => {
    const error = refused(line);
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(2);
    if (next !== undefined) expect(error.complaint.next).toBe(next);
  });

  it.each([
    ['--labels 0', 'at least 1'],
    ['--labels 1.5', 'whole number'],
    ['--labels 0x10', 'whole number'],
    ['--seed -1', 'at least 0'],
    ['--seed 9007199254740992', 'whole number'],
    ['--variance 0', 'above 0'],
    ['--variance Infinity', 'takes a number'],
    ['--level 100%', 'below 100%'],
    ['--scale 1/0', 'fraction'],
    ['--scale 1/2/3', 'fraction'],
    ['--target-error two', 'percentage'],
    ['--dtype float16', 'float32, float64'],
    ['--out fisher.csv', '.npz or .safetensors'],
    ['--json=yes', 'takes no value'],
  ])('%s names the rule', (option, rule) => {
    expect(refused(`${ESTIMATE} ${option}`).complaint.rule).toContain(rule);
  });
});

describe('manifest', () => {
  const line = `${ESTIMATE} --likelihood gaussian --variance 0.25 --target-error 2% --scale 1/255 --parameters a,b --json`;

  it('is JSON and reads back to the same command', () => {
    const first = parsed(line);
    const manifest = toManifest(first);
    const again = fromManifest(JSON.parse(JSON.stringify(manifest)) as typeof manifest);
    expect(again.options).toEqual(first.options);
    expect(again.positionals).toEqual(first.positionals);
    expect(manifest.options).toMatchObject({ likelihood: 'gaussian', 'target-error': 0.02, seed: 0 });
    expect(toManifest(parsed('train')).arguments).toEqual({});
  });

  it('can be pasted', () => {
    const words = ['estimate', 'my model.onnx', 'd.npz', '--level', '90%', '--parameters', 'fc*', '-q'];
    const first = parse(words) as ParsedCommand;
    expect(commandLine(first)).toBe(
      "fim estimate 'my model.onnx' d.npz --level 90% --parameters 'fc*' --quiet",
    );
  });
});

it('gives each command its own option types', () => {
  expectTypeOf<SettingsOf<'estimate'>['estimator']>().toEqualTypeOf<
    'exact' | 'type1' | 'type2' | 'mix' | 'rademacher' | 'auto' | 'empirical' | undefined
  >();
  expectTypeOf<SettingsOf<'estimate'>['level']>().toEqualTypeOf<number>();
  expectTypeOf<SettingsOf<'train'>>().not.toHaveProperty('estimator');
  expectTypeOf<Context<'inspect'>['positionals']>().toEqualTypeOf<{ readonly model: string }>();
  expectTypeOf<Context<'train'>['positionals']>().toEqualTypeOf<{ readonly data: string | undefined }>();
});
