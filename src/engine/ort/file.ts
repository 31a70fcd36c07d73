/**
 * @module engine/ort/file
 *
 * An ONNX file run by ONNX Runtime as it stands: arrays in by input, arrays out by output. It serves what is before the network: no
 * derivative is taken of it, so any operator of the runtime will do.
 */
import { FimError } from '../../core/errors.js';
import { type DType, type Tensor, type TypedArray } from '../../core/tensor.js';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../graph/onnx/proto/half.js';
import { INSTALL_COMMAND, loadOrt, type OrtModule, type OrtTensor, versionOf } from './module.js';

/** A file that is loaded. */
export interface OrtFile {
  /** `onnxruntime 1.30.0` */
  readonly build: string;
  /** Runs it; throws `engine/ort-file` where the runtime does. */
  run(inputs: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>>;
  /** Gives it back. */
  dispose(): void;
}

/** Types whose arrays are passed on as they are. */
const PLAIN: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float64',
  'int64',
  'int32',
  'uint8',
  'int8',
  'bool',
]);

/**
 * Loads a file; `where` names it in messages. Throws `engine/ort-missing`, `engine/ort-broken`,
 * and `engine/ort-file` where the runtime refuses the file.
 */
export async function openOrtFile(
  bytes: Uint8Array,
  where: string,
  module?: OrtModule,
  load = loadOrt,
): Promise<OrtFile> {
  const ort =
    module ??
    (await load().catch((cause: unknown) => {
      throw lacking(where, cause);
    }));
  const session = await ort.InferenceSession.create(bytes, {
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  }).catch((cause: unknown) => {
    throw refused(where, 'is loaded by ONNX Runtime as it stands', cause);
  });
  const made = ({ dtype, data, shape }: Tensor): OrtTensor =>
    new ort.Tensor(dtype as never, data as never, shape);
  return {
    build: versionOf(ort),
    run: async (inputs) => {
      const feeds = Object.fromEntries([...inputs].map(([name, t]) => [name, made(t)]));
      const results = await session.run(feeds).catch((cause: unknown) => {
        throw refused(where, 'is run by ONNX Runtime on these inputs', cause);
      });
      return new Map(Object.entries(results).map(([name, t]) => [name, tensorOf(t, where, name)]));
    },
    // Nothing waits for it, and a session that cannot be released is none of the caller's business.
    dispose: () => void session.release().catch(() => undefined),
  };
}

function tensorOf({ type, data, dims }: OrtTensor, where: string, name: string): Tensor {
  const shape = [...dims];
  if (PLAIN.has(type)) return { dtype: type as DType, shape, data: data as TypedArray };
  if (type === 'float16' || type === 'bfloat16') {
    const { buffer, byteOffset, length } = data as Uint16Array;
    const bits = new Uint16Array(buffer, byteOffset, length);
    const wide = type === 'float16' ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
    return { dtype: 'float32', shape, data: wide };
  }
  throw new FimError({
    code: 'engine/ort-file',
    kind: 'unsupported',
    where,
    rule: `value "${name}" is a tensor of numbers that a network takes`,
    got: type,
  });
}

function lacking(where: string, cause: unknown): unknown {
  if (!(cause instanceof FimError)) return cause;
  return new FimError(
    {
      ...cause.complaint,
      where,
      rule: `runs in ONNX Runtime: ${cause.complaint.rule}`,
      next: INSTALL_COMMAND,
    },
    { cause },
  );
}

function refused(where: string, rule: string, cause: unknown): FimError {
  return new FimError(
    {
      code: 'engine/ort-file',
      kind: 'unsupported',
      where,
      rule,
      got: cause instanceof Error ? cause.message : String(cause),
      cause:
        'an operator of a domain that ONNX Runtime does not have, or a value in that part that does not fit',
      next: 'name a value before that node, or export the model again',
    },
    { cause },
  );
}
