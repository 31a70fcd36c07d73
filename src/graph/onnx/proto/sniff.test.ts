import { describe, expect, it } from 'vitest';
import { FimError } from '../../../core/errors.js';
import { decodeModel } from './index.js';

function complaint(bytes: Uint8Array): FimError {
  try {
    decodeModel(bytes, { file: 'net.onnx' });
  } catch (e) {
    if (e instanceof FimError) return e;
    throw e;
  }
  return expect.unreachable();
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const bytes = (head: number[], tail = ''): Uint8Array => Uint8Array.of(...head, ...text(tail));
const ZIP = [0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0];

describe('files that are something else', () => {
  it.each<[string, string, Uint8Array]>([
    ['a PyTorch checkpoint', 'torch.onnx.export(', bytes(ZIP, 'net/data.pkl')],
    ['.npz', 'as the data', bytes(ZIP, 'x.npy')],
    ['Keras archive', 'model.export', bytes(ZIP, 'metadata.json')],
    ['a zip archive', 'unpack', bytes(ZIP, 'readme')],
    ['pickle', 'torch.onnx.export(', bytes([0x80, 2, 0x8a, 0x0a], 'lFc')],
    ['HDF5', 'model.export', bytes([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['.npy', 'as the data', bytes([0x93], 'NUMPY\x01\0v\0{')],
    ['gzip', 'gunzip', bytes([0x1f, 0x8b, 8, 0])],
    ['Zstandard', 'zstd', bytes([0x28, 0xb5, 0x2f, 0xfd, 0])],
    ['TensorFlow Lite', 'tf2onnx', bytes([0x1c, 0, 0, 0], 'TFL3')],
    ['ORT-format', '.onnx', bytes([0x20, 0, 0, 0], 'ORTM')],
    ['GGUF', 'torch.onnx.export(', bytes([], 'GGUF\x03\0\0\0')],
    ['safetensors', 'torch.onnx.export(', bytes([0x60, 1, 0, 0, 0, 0, 0, 0], '{"w":{"dtype":"F32"')],
    ['web page', 'download', text('\ufeff\n <!DOCTYPE html><html><head>')],
    ['XML', 'download', text('<?xml version="1.0"?><net name="x"/>')],
    ['JSON', '.onnx file', text('{"format": "layers-model"}')],
    ['Git LFS pointer', 'git lfs pull', text('version https://git-lfs.github.com/spec/v1\noid sha256:12')],
    ['text', '.onnx file', text('"""A model."""\nimport torch\n')],
    ['no format that is known', 'torch.onnx.export(', bytes([0xff, 0xd8, 0xff, 0xe0])],
  ])('%s: %s', (what, next, file) => {
    const e = complaint(file);
    expect(e.code).toBe('onnx/not-onnx');
    expect(e.exitCode).toBe(3);
    expect(e.complaint.where).toBe('net.onnx');
    expect(e.complaint.got).toContain(what);
    expect(e.complaint.next).toContain(next);
  });

  it('an empty file', () => {
    const e = complaint(new Uint8Array(0));
    expect(e.code).toBe('onnx/empty');
    expect(e.complaint.next).toContain('torch.onnx.export(');
  });

  it('a file that is cut short names the byte and the field', () => {
    const e = complaint(Uint8Array.of(0x08, 0x08, 0x12, 0x20, 0x70));
    expect(e.code).toBe('onnx/truncated');
    expect(e.complaint.where).toBe('net.onnx, byte 4, field 2 of ModelProto');
    expect(e.complaint.got).toBe('31 bytes are missing');
  });
});
