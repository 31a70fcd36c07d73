/** A file run as it stands: what is said where the runtime is not there. */
import { describe, expect, it } from 'vitest';
import { f32, info, node, bytesOf } from '../../../test/onnx/builder.js';
import { openOrtFile } from './file.js';
import { loadOrt } from './module.js';

const BYTES = bytesOf({
  inputs: [info('x', 'float32', ['n', 2])],
  outputs: ['h', info('half', 'float16', null)],
  nodes: [node('Neg', ['x'], 'h'), node('Cast', ['x'], 'half', { to: { type: 'int', value: 10 } })],
});

describe('openOrtFile', () => {
  it('names what needs ONNX Runtime, and how to get it, where it is not installed', async () => {
    const missing = () =>
      loadOrt(() => Promise.reject(Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' })));
    await expect(openOrtFile(BYTES, 'm.onnx, the part before "v"', undefined, missing)).rejects.toMatchObject(
      {
        code: 'engine/ort-missing',
        complaint: {
          where: 'm.onnx, the part before "v"',
          next: expect.stringMatching(/^npm install onnxruntime-node/) as string,
        },
      },
    );
  });

  it('gives half precision as float32', async () => {
    const file = await openOrtFile(BYTES, 'm.onnx');
    const out = await file.run(new Map([['x', f32([1, 2], [0.5, -3])]]));
    expect(out.get('half')).toEqual({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.5, -3) });
    file.dispose();
  });

  it('complains with the runtime’s words of inputs that do not fit', async () => {
    const file = await openOrtFile(BYTES, 'm.onnx');
    await expect(file.run(new Map([['x', f32([2], [0.5, -3])]]))).rejects.toMatchObject({
      code: 'engine/ort-file',
    });
    file.dispose();
  });
});
