import { describe, expect, it } from 'vitest';
import { FimError } from '../errors.js';
import { type Mentioned, mentionsIn, placeholder, sayMentions, setting, settings } from './reference.js';

const VALUES: readonly [Mentioned, string][] = [
  ['categorical', "'categorical'"],
  ["it's `odd` \\", "'it\\'s \\x60odd\\x60 \\\\'"],
  ['x60', "'x60'"],
  ['two\nlines', "'two\\nlines'"],
  ['a, [b] {c}: d', "'a, [b] {c}: d'"],
  [0.5, '0.5'],
  [-1e-7, '-1e-7'],
  [true, 'true'],
  [[1, 16], '[1, 16]'],
  [['mu', 'log var'], "['mu', 'log var']"],
  [[], '[]'],
  [placeholder('σ²'), 'σ²'],
  [{ normaliseRewards: true }, '{ normaliseRewards: true }'],
  [{ 'obs/x': placeholder('ARRAY'), y: 'b' }, "{ 'obs/x': ARRAY, y: 'b' }"],
];

describe('a mention of a setting', () => {
  it.each(VALUES)('of %o is read as it was written', (value, text) => {
    const mention = setting('likelihood', value);
    expect(mention).toBe(`\`likelihood: ${text}\``);
    expect(mentionsIn(`say ${mention}, or leave ${setting('link')} out`)).toEqual([
      { name: 'likelihood', value },
      { name: 'link' },
    ]);
  });

  it('is said by each face in its own words; other code in a sentence stays', () => {
    const text = `${setting('labels', 2)} or \`fim inspect MODEL\`, \`a: [1\` and \`open\``;
    const say = ({ name, value }: { name: string; value?: unknown }) =>
      name === 'labels' ? `--labels ${String(value)}` : null;
    expect(sayMentions(text, say)).toBe('--labels 2 or `fim inspect MODEL`, `a: [1` and `open`');
  });

  it('may stand beside others, as in an object', () => {
    const text = settings({ likelihood: 'gaussian', variance: [1, 2], set: { value: 'none' } });
    expect(text).toBe("`likelihood: 'gaussian', variance: [1, 2], set: { value: 'none' }`");
    expect(mentionsIn(text)).toEqual([
      { name: 'likelihood', value: 'gaussian' },
      { name: 'variance', value: [1, 2] },
      { name: 'set', value: { value: 'none' } },
    ]);
    expect(sayMentions(text, ({ name }) => name)).toBe('likelihood variance set');
  });

  it('is listed by the complaint that makes it', () => {
    const error = new FimError({
      code: 'x/y',
      where: setting('trials'),
      rule: 'belongs to counts',
      got: setting('trials', 3),
      next: `leave ${setting('trials')} out`,
    });
    expect(error.settings).toEqual([{ name: 'trials' }, { name: 'trials', value: 3 }, { name: 'trials' }]);
    expect(error.message).toContain('next:  leave `trials` out');
  });
});
