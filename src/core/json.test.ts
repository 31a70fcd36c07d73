import { describe, expect, it } from 'vitest';
import { parseJson } from './json.js';

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    const texts = [
      '{"a": [1, {"a": 2, "b": "a"}, "a", {"a": {}}], "b": {"a": null}, "c\\"": "\\\\", "__proto__": 1}',
      '[]',
      '"a,\\"{"',
      ' {"x": "{\\"x\\": 1, \\"x\\": 2}", "y": ["x", "x"]} ',
    ];
    for (const text of texts) expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(() => parseJson('{"a": }')).toThrow(SyntaxError);
  });

  it('refuses a key that stands twice, however it is written and wherever it stands', () => {
    for (const text of [
      '{"a": 1, "a": 1}',
      '[{"b": {"x": [], "\\u0061": 1, "a": 2}}]',
      '{"a": {"b": 1}, "c": [1], "a": 2}',
    ])
      expect(() => parseJson(text)).toThrow('the key "a" stands twice');
  });
});

it('values nested too deep for what goes through them by members are refused', () => {
  const nested = (depth: number, open: string, close: string): string =>
    `${open.repeat(depth)}1${close.repeat(depth)}`;
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ]) {
    expect(parseJson(nested(400, open, close))).toBeTypeOf('object');
    for (const depth of [600, 50_000])
      expect(() => parseJson(nested(depth, open, close))).toThrow(/nest more than 500 deep/);
  }
});
