/**
 * @module graph/onnx/import/mixing
 *
 * Refusals of graphs that join the examples of a batch, and of nodes that a fixed batch went into.
 */
import { FimError } from '../../../core/errors.js';
import { nodesOf } from '../../derive.js';
import { batchAxis } from '../../dims.js';
import { couplingError, type Value, withOrigin } from '../../value.js';

/** A node that reads the examples and gives something without them has summed over them. Throws `graph/examples-coupled`. */
export function refuseMixing(output: Value): void {
  for (const node of nodesOf([output])) {
    if (batchAxis(node.output.shape) >= 0 || node.inputs.every((v) => batchAxis(v.shape) < 0)) continue;
    throw withOrigin(node.origin, () =>
      couplingError(node.op, node.inputs, 'the result joins all examples of the batch'),
    );
  }
}

/**
 * In a file with a fixed batch, a shape that does not fit may be the fault of that, and the message says so.
 * @throws FimError with `graph/examples-coupled`, `onnx/fixed-batch`
 */
export function blamingBatch<T>(fixedBatch: number | null, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (fixedBatch === null || !(error instanceof FimError)) throw error;
    const { complaint, code } = error;
    if (code !== 'graph/shape' && code !== 'graph/examples-coupled') throw error;
    throw new FimError(
      {
        ...complaint,
        code: code === 'graph/shape' ? 'onnx/fixed-batch' : code,
        kind: 'unsupported',
        cause: `the file was exported for a batch of exactly ${fixedBatch}, and this node depends on it`,
        next: "export with a dynamic batch axis: for PyTorch dynamic_axes={'x': {0: 'n'}, …} (or dynamic=True in a wrapper), for Keras an input signature with None first",
      },
      { cause: error },
    );
  }
}
