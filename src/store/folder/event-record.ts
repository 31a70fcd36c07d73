/**
 * @module store/folder/event-record
 *
 * TensorBoard's event file as bytes. A record is
 *
 *   uint64 length | uint32 masked(length) | data | uint32 masked(data),   masked(x) = rotr(crc32c(x), 15) + 0xa282ead8 mod 2³²
 *
 * and its data a protobuf `Event`: wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5, of which each
 * value = 1 has tag = 1 (string) and simple_value = 2 (float). All numbers little-endian. The times take eight bytes whatever they are,
 * so two runs that differ in nothing else have records at the same offsets.
 * Source: tensorflow/core/lib/io/record_writer.cc, core/util/event.proto, core/framework/summary.proto. Scalars are rounded to float32.
 */
import { PbfWriter } from 'pbf';
import { crc32c } from '../../data/crc32.js';

/** What the first record of every file says. */
export const FILE_VERSION = 'brain.Event:2';

/** Numbers by tag, e.g. `rollout/ep_rew_mean`. */
export type Scalars = Readonly<Record<string, number>>;

/** Checksum as TensorFlow stores it: a checksum of bytes that hold checksums is weak, so they are disguised. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The framed record of `data`. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}

/** The record that opens a file. `wallTime` in seconds since 1970. */
export function versionRecord(wallTime: number): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, wallTime);
  pbf.writeStringField(3, FILE_VERSION);
  return frameRecord(pbf.finish());
}

/** The record of some scalars at one step. */
export function scalarRecord(scalars: Scalars, step: number, wallTime: number): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, wallTime);
  pbf.writeVarintField(2, step);
  pbf.writeMessage(5, writeSummary, scalars);
  return frameRecord(pbf.finish());
}

function writeSummary(scalars: Scalars, pbf: PbfWriter): void {
  for (const value of Object.entries(scalars)) pbf.writeMessage(1, writeValue, value);
}

function writeValue([tag, value]: [string, number], pbf: PbfWriter): void {
  pbf.writeStringField(1, tag);
  pbf.writeFloatField(2, value);
}
