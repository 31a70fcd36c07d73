import { expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { concatenate } from './concatenate.js';
import { makeDataset } from './dataset.js';

it('notes of all files are told, one that differs by the name of the file alone once', () => {
  const part = (source: string, notes: readonly string[]) =>
    makeDataset({ source, inputs: new Map([['x', tensor('float32', [1, 1], [1])]]), notes });
  const all = concatenate(
    [
      part('a.csv', ['a.csv: y holds the targets']),
      part('b.csv', ['b.csv: y holds the targets', 'b.csv: 2 empty lines']),
    ],
    'folder',
    (text) => text,
  );
  expect(all.notes).toEqual([
    'folder: 2 files, a.csv first',
    'a.csv: y holds the targets',
    'b.csv: 2 empty lines',
  ]);
});
