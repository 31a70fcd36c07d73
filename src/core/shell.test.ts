import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { python, quote } from './shell.js';
import { visible, visibleLines } from './visible.js';

// `--norc`: bash whose input is a socket and whose environment tells nothing of an outer shell reads a user's own start file.
const WORDS = [
  'plain',
  'y; touch PASTED #',
  'a b',
  "it's",
  '$(id) `id` "x" \\',
  'y\nrm -rf x',
  "\u001b[31m'\\n\u0007\u009b\u202e",
  '',
  '*',
  '~',
];

describe('quote', () => {
  it('is read back by a shell as the one word that it was', () => {
    const quoted = WORDS.map(quote);
    for (const word of quoted) expect(visible(word)).toBe(word);
    const read = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${quoted.join(' ')}`], {
      env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
    });
    expect(read.toString().split('\0')).toEqual([...WORDS, '']);
  });

  it('leaves words alone that need nothing', () => {
    for (const word of ['model.onnx', '--seed', 'a=b,c', 'σ²', '../x:y']) expect(quote(word)).toBe(word);
  });
});

describe('python', () => {
  it('has names as strings of the program', () => {
    expect(python`import x; x.read(${'d.csv'})`).toBe(`python3 -c "import x; x.read('d.csv')"`);
    const line = python`read(${`a'); "$(touch x)"; ('`})`;
    const words = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${line}`])
      .toString()
      .split('\0');
    expect(words.slice(0, 3)).toEqual(['python3', '-c', `read("a'); \\"$(touch x)\\"; ('")`]);
  });
});

describe('visible', () => {
  it('leaves no control character, mark of direction or separator of lines, and all else as it is', () => {
    const text = Array.from({ length: 0x2100 }, (_, i) => String.fromCharCode(i)).join('');
    expect(visible(text)).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
    expect(visible('é 层 σ² “x” – 😀 \u05d0')).toBe('é 层 σ² “x” – 😀 \u05d0');
    expect(visible('a\u001b[2J\n')).toBe('a\\u001b[2J\\u000a');
    expect(visibleLines('a\u001b\n\t')).toBe('a\\u001b\n\t');
    expect(JSON.parse(visible('"\u202e\u009b"'))).toBe('\u202e\u009b');
  });
});
