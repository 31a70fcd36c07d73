/**
 * A reader of TensorBoard's event files that shares no line with the writer: framing, checksums bit by bit, protobuf by hand.
 */
import { FimError } from '../../src/core/errors.js';

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly version: string | null;
  readonly scalars: Readonly<Record<string, number>>;
  /** Where its record begins. */
  readonly at: number;
}

/** CRC-32C by long division. */
export function slowCrc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 ? 0x82f63b78 : 0);
  }
  return ~c >>> 0;
}

function fail(rule: string): never {
  throw new FimError({ code: 'test/events', where: 'readEvents', rule });
}

function checkMasked(bytes: Uint8Array, stored: number): void {
  const unmasked = (stored - 0xa282ead8) >>> 0;
  const crc = ((unmasked << 15) | (unmasked >>> 17)) >>> 0;
  if (crc !== slowCrc32c(bytes)) fail('a checksum is wrong');
}

/** Fields of a message as [number, value]: bytes, or the eight or four bytes of a number, or a varint. */
function fields(bytes: Uint8Array): [number, Uint8Array | number][] {
  const out: [number, Uint8Array | number][] = [];
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (n: number): Uint8Array => bytes.slice(at, (at += n));
  while (at < bytes.length) {
    const key = varint();
    const type = key & 7;
    const value =
      type === 0
        ? varint()
        : type === 1
          ? take(8)
          : type === 5
            ? take(4)
            : type === 2
              ? take(varint())
              : fail('type');
    out.push([key >>> 3, value]);
  }
  return out;
}

const viewOf = (bytes: Uint8Array | number) => new DataView((bytes as Uint8Array).buffer);
const textOf = (bytes: Uint8Array | number) => new TextDecoder().decode(bytes as Uint8Array);

function readScalar(bytes: Uint8Array): [string, number] {
  const value = new Map(fields(bytes));
  return [
    textOf(value.get(1) ?? fail('no tag')),
    viewOf(value.get(2) ?? fail('no value')).getFloat32(0, true),
  ];
}

export function readEvents(bytes: Uint8Array): ReadEvent[] {
  // A copy: slices of a Buffer share its memory, and views of them would begin elsewhere.
  const file = Uint8Array.from(bytes);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    if (at + 16 + length > file.length) fail('a record ends too early');
    checkMasked(file.subarray(at, at + 8), view.getUint32(at + 8, true));
    const data = file.subarray(at + 12, at + 12 + length);
    checkMasked(data, view.getUint32(at + 12 + length, true));
    const event = new Map(fields(data));
    const summary = event.get(5);
    const version = event.get(3);
    events.push({
      wallTime: viewOf(event.get(1) ?? fail('no time')).getFloat64(0, true),
      step: (event.get(2) as number | undefined) ?? 0,
      version: version === undefined ? null : textOf(version),
      scalars: Object.fromEntries(
        summary === undefined
          ? []
          : fields(summary as Uint8Array).map(([, value]) => readScalar(value as Uint8Array)),
      ),
      at,
    });
    at += 16 + length;
  }
  return events;
}
