/**
 * @module graph/onnx/import/names
 *
 * Reads off names in a file what its tensors are. PyTorch writes parameters and buffers under their own names, numbers in the code as
 * Constant nodes, tensors folded on export as `onnx::Op_7` (by dynamo `val_7`), and nodes under the path of their module; of tensors
 * that are equal it keeps one, and an Identity gives the others their names. Other exporters mark their own constants less well.
 * Sources: torch.onnx.utils and torch/csrc/jit/passes/onnx (scoped names, deduplicate_initializers); tf2onnx and skl2onnx by reading
 * what they write.
 */
/** What the names of tensors tell in files of one producer. */
export interface NameEvidence {
  /** Written by PyTorch's exporters. */
  readonly pytorch: boolean;
  /** The exporter made this name of a tensor up. */
  exporterMade(name: string): boolean;
  /** An Identity of an initialiser with this output stands for a tensor that was merged with its equal. */
  namesMerged(output: string): boolean;
}

/** `onnx::MatMul_18`, `val_3`, `_tensor_constant0`, `lifted_tensor_2`, `17`. */
const PYTORCH_MADE =
  /^(onnx::\w+|_?val_\d+|(b_|c_)?_?lifted_tensor_?\d+|(b_|c_)?_?tensor_constant_?\d+|scalar_tensor\w*|\d+)$/;

/** `constant_1` (fim), `Ad_Addcst`, `const_fold_opt__12`, `Const:0`, `model/tf.math.multiply/Mul/y:0`. */
const OTHERS_MADE =
  /^(constant(_\d+)?$|const(_fold\w*)?_?\d*$|ConstantFolding)|cst\d*$|__\d+$|(^|\/)Const(_\d+)?(:0)?$|\/[xy](:0)?$/i;

/** A value inside the graph: `/net/Identity_output_0`. */
const INNER = /^\/|_output_\d+$/;

/** What the names of a file by this producer tell. */
export function nameEvidence(producer: string): NameEvidence {
  const pytorch = /^pytorch/i.test(producer);
  return {
    pytorch,
    exporterMade: (name) => (pytorch ? PYTORCH_MADE : OTHERS_MADE).test(name),
    namesMerged: (output) => pytorch && !INNER.test(output),
  };
}

/**
 * The module that a node stands in, by PyTorch's scoped names: `/layers.1/linear/Gemm` is `layers.1.linear`, `/net/net.0/Gemm` is
 * `net.0`; empty at the root, or where nodes have no such names.
 */
export function modulePath(node: string): string {
  if (!node.startsWith('/')) return '';
  const path: string[] = [];
  for (const part of node.slice(1).split('/').slice(0, -1)) {
    if (path.length > 0 && part.startsWith(`${path[path.length - 1]}.`)) path.pop();
    path.push(part);
  }
  return path.join('.');
}
