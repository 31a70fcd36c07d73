/** Event files read back by a reader of its own; what is framed is checked bit by bit. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EVENT_FILE, EventFile } from './event-file.js';
import { frameRecord, maskedCrc32c } from './event-record.js';
import { readEvents, slowCrc32c } from '../../../test/support/read-events.js';

const root = mkdtempSync(join(tmpdir(), 'fim-events-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('EventFile', () => {
  it('gives back every number, at any step, with the version in front', () => {
    const path = join(root, EVENT_FILE);
    const file = new EventFile(path);
    expect(file.offset).toBe(0);
    const scalars = {
      'train/approx_kl': 1e-3,
      'rollout/ep_rew_mean': -1234.5,
      Größe: -0,
      gone: NaN,
      inf: Infinity,
    };
    const steps = [0, 1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER];
    for (const step of steps) file.append(scalars, step, 1732460000.25 + step);
    file.append({}, 7, 0);
    file.flush();
    expect(file.offset).toBe(statSync(path).size);
    file.close();
    const [first, ...events] = readEvents(readFileSync(path));
    expect(first).toMatchObject({ version: 'brain.Event:2', wallTime: 1732460000.25, scalars: {}, at: 0 });
    expect(events.map((e) => e.step)).toEqual([...steps, 7]);
    expect(events.map((e) => e.wallTime)).toEqual([...steps.map((s) => 1732460000.25 + s), 0]);
    const rounded = Object.fromEntries(Object.entries(scalars).map(([tag, v]) => [tag, Math.fround(v)]));
    for (const event of events.slice(0, -1)) expect(event.scalars).toEqual(rounded);
    expect(events.at(-1)?.scalars).toEqual({});
  });

  it('goes on from an offset, whatever stood behind it', () => {
    const path = join(root, 'cut');
    const file = new EventFile(path);
    file.append({ a: 1 }, 1, 1);
    const { offset } = file;
    file.append({ a: 2 }, 2, 2);
    file.close();
    const whole = readFileSync(path);
    for (const garbage of [0, 5, 40]) {
      const again = new EventFile(path, offset);
      expect(again.offset).toBe(offset);
      expect(statSync(path).size).toBe(offset);
      again.append({ a: 2 }, 2, 2);
      again.append({ a: 3 + garbage }, 3, 3);
      again.close();
      expect(readFileSync(path).subarray(0, whole.length)).toEqual(whole);
      expect(readEvents(readFileSync(path)).map((e) => e.step)).toEqual([0, 1, 2, 3]);
    }
  });

  it('has records of the same length whatever the time', () => {
    const lengths = [0, 1e-300, 1.7e9, Math.PI].map((time, i) => {
      const file = new EventFile(join(root, `time${i}`));
      file.append({ a: 1 }, 1, time);
      file.close();
      return file.offset;
    });
    expect(new Set(lengths).size).toBe(1);
  });

  it.each([-1, 0.5, NaN, 2 ** 53])('refuses step %d', (step) => {
    const file = new EventFile(join(root, 'bad'));
    expect(() => file.append({ a: 1 }, step, 0)).toThrow('a step is an integer');
    expect(file.offset).toBe(0);
    file.close();
  });
});

describe('maskedCrc32c', () => {
  it('is the rotated sum plus a constant, modulo 2³²', () => {
    for (let n = 0; n < 64; n++) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 91 + n) & 255);
      const crc = BigInt(slowCrc32c(bytes));
      const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
      expect(maskedCrc32c(bytes)).toBe(Number((rotated + 0xa282ead8n) & 0xffffffffn));
    }
  });

  it('frames nothing as sixteen bytes', () => {
    const bytes = frameRecord(new Uint8Array(0));
    expect(bytes.length).toBe(16);
    // crc32c('') = 0, of eight zero bytes 0x8c28b28a.
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(12, true)).toBe(0xa282ead8);
    expect(slowCrc32c(new Uint8Array(8))).toBe(0x8c28b28a);
  });
});
