import { expect, it } from 'vitest';
import { brokenThread, endedWords, lostThread } from './words.js';

it('says what was known last, and the line that goes on', () => {
  expect(endedWords(1.3, null, null)).toBe(
    'ended: the work did not stop by itself within 1.3 s\nnothing is known yet\n',
  );
  expect(endedWords(1.3, 'estimate  37 %  16.58 ± 0.47', 'fim estimate m.onnx d.npz --run r')).toBe(
    'ended: the work did not stop by itself within 1.3 s\nlast known: estimate  37 %  16.58 ± 0.47\n\nhint: fim estimate m.onnx d.npz --run r\n',
  );
});

it('a heap that is full is bad input with its limit; anything else is a failure with its stack', () => {
  const full = brokenThread(Object.assign(new Error('x'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }), 'at 3', []);
  expect(full.code).toBe(3);
  expect(full.words).toMatch(/limit of about \d+ MiB \(last known: at 3\)\n\nhint: NODE_OPTIONS=--max-old-/);
  const error = new Error('stray');
  expect(brokenThread(error, null, [])).toEqual({ code: 1, words: `${String(error.stack)}\n` });
});

it('what a module of the user threw outside of its calls is said as its own, whatever it is', () => {
  const line = ['rl', 'train', './en\u001bv.mjs'];
  for (const [thrown, got] of [
    [new Error('late\u001b[2J\nmore'), 'late\\u001b[2J'],
    [undefined, 'undefined'],
    [null, 'null'],
    [new Error('The promise rejected with the reason "7".'), '7'],
  ] as const) {
    const { code, words } = brokenThread(thrown, null, line);
    expect(code).toBe(3);
    expect(words).toContain(`error: ./en\\u001bv.mjs: nothing may be thrown outside`);
    expect(words).toContain(`got:   ${got} (nothing is known yet)\n`);
  }
});

it('a thread that is gone has a code, what was known last, and the line that goes on', () => {
  const { code, words } = lostThread(1, 'at 3', 'fim work r');
  expect(code).toBe(3);
  expect(words).toMatch(
    /ended before its work was done\n.*exit code 1 \(last known: at 3\)\n.*\n\nhint: fim work r\n$/,
  );
});
