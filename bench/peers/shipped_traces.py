"""Exact traces of the Fisher of an ONNX file by torch, in float64: `shipped_traces.py FILE.onnx INPUTS.npz ASKED.json`.

The file's nodes are run one by one as torch operations, and log p(y|x) of every y is differentiated by autograd, so that nothing is shared
with fim but the file. ASKED.json has `output`, `likelihood`, `logits` (whether the output is one of logits) and `parameters`. Prints the
trace of each parameter, the mean over the examples, as JSON. One example goes through at a time.
"""

import json
import sys

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def ints(t):
    return [int(i) for i in t.reshape(-1)]


def pads_of(a, rank):
    return a.get("pads", [0] * (2 * rank))


def torch_pads(pads):
    """ONNX's begins and ends as torch.nn.functional.pad takes them, the last axis first."""
    rank = len(pads) // 2
    return [p for axis in reversed(range(rank)) for p in (pads[axis], pads[axis + rank])]


def conv(a, x, w, b=None):
    rank = w.dim() - 2
    x = F.pad(x, torch_pads(pads_of(a, rank)))
    run = [F.conv1d, F.conv2d, F.conv3d][rank - 1]
    return run(x, w, b, a.get("strides", 1), 0, a.get("dilations", 1), a.get("group", 1))


def max_pool(a, x):
    rank = len(a["kernel_shape"])
    assert not a.get("ceil_mode"), "ceil_mode"
    x = F.pad(x, torch_pads(pads_of(a, rank)), value=float("-inf"))
    return [F.max_pool1d, F.max_pool2d][rank - 1](x, a["kernel_shape"], a.get("strides"))


def average_pool(a, x):
    rank = len(a["kernel_shape"])
    assert not any(pads_of(a, rank)) and not a.get("ceil_mode"), "padding"
    return [F.avg_pool1d, F.avg_pool2d][rank - 1](x, a["kernel_shape"], a.get("strides"))


def gather(a, x, index):
    axis = a.get("axis", 0)
    shape = [*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]]
    return x.index_select(axis, index.reshape(-1)).reshape(shape)


def gemm(a, x, w, b=None):
    x = x.T if a.get("transA") else x
    w = w.T if a.get("transB") else w
    y = a.get("alpha", 1.0) * (x @ w)
    return y if b is None else y + a.get("beta", 1.0) * b


def slice_(a, x, starts=None, ends=None, axes=None, steps=None):
    starts = a["starts"] if starts is None else ints(starts)
    ends = a["ends"] if ends is None else ints(ends)
    axes = a.get("axes", range(len(starts))) if axes is None else ints(axes)
    steps = [1] * len(starts) if steps is None else ints(steps)
    index = [slice(None)] * x.dim()
    for s, e, axis, step in zip(starts, ends, axes, steps):
        index[axis] = slice(s, min(e, x.shape[axis]), step)
    return x[tuple(index)]


def reshape(a, x, shape):
    target = [x.shape[i] if d == 0 else d for i, d in enumerate(ints(shape))]
    return x.reshape(target)


def pad(a, x, pads=None, value=None):
    mode = a.get("mode", b"constant")
    assert mode == b"constant", mode
    pads = a["pads"] if pads is None else ints(pads)
    fill = a.get("value", 0.0) if value is None else float(value)
    return F.pad(x, torch_pads(pads), value=fill)


def clip(a, x, low=None, high=None):
    low = a.get("min") if low is None else float(low)
    high = a.get("max") if high is None else float(high)
    return x.clamp(low, high)


def unsqueeze(a, x, axes=None):
    for axis in sorted(a["axes"] if axes is None else ints(axes)):
        x = x.unsqueeze(axis)
    return x


def squeeze(a, x, axes=None):
    for axis in sorted(a["axes"] if axes is None else ints(axes), reverse=True):
        x = x.squeeze(axis)
    return x


def prelu(a, x, slope):
    slope = slope.reshape([1] * (x.dim() - slope.dim()) + list(slope.shape))
    return torch.where(x >= 0, x, slope * x)


def mean(a, x):
    return x.mean(dim=list(a["axes"]), keepdim=bool(a.get("keepdims", 1)))


def norm(a, x, scale, shift, running_mean, running_var):
    shape = [1, -1] + [1] * (x.dim() - 2)
    x = (x - running_mean.reshape(shape)) / torch.sqrt(running_var.reshape(shape) + a.get("epsilon", 1e-5))
    return x * scale.reshape(shape) + shift.reshape(shape)


def softmax(a, x, opset):
    axis = a.get("axis", 1 if opset < 13 else -1)
    if opset >= 13:
        return x.softmax(axis)
    return x.reshape(int(numpy.prod(x.shape[:axis])), -1).softmax(1).reshape(x.shape)


def cast(a, x):
    whole = a["to"] in (onnx.TensorProto.INT64, onnx.TensorProto.INT32)
    return x.long() if whole else x.double()


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "AveragePool": average_pool,
    "BatchNormalization": norm,
    "Cast": cast,
    "Clip": clip,
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Conv": conv,
    "Div": lambda a, x, y: x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc"),
    "Flatten": lambda a, x: x.reshape(int(numpy.prod(x.shape[: a.get("axis", 1)])), -1),
    "Gather": gather,
    "Gemm": gemm,
    "GlobalAveragePool": lambda a, x: x.mean(dim=list(range(2, x.dim())), keepdim=True),
    "HardSigmoid": lambda a, x: (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1),
    "Identity": lambda a, x: x,
    "MatMul": lambda a, x, y: x @ y,
    "MaxPool": max_pool,
    "Mul": lambda a, x, y: x * y,
    "PRelu": prelu,
    "Pad": pad,
    "Pow": lambda a, x, y: x**y,
    "ReduceMean": mean,
    "Relu": lambda a, x: x.relu(),
    "Reshape": reshape,
    "Shape": lambda a, x: torch.tensor(x.shape),
    "Sigmoid": lambda a, x: x.sigmoid(),
    "Slice": slice_,
    "Sqrt": lambda a, x: x.sqrt(),
    "Squeeze": squeeze,
    "Sub": lambda a, x, y: x - y,
    "Tanh": lambda a, x: x.tanh(),
    "Transpose": lambda a, x: x.permute(*a["perm"]),
    "Unsqueeze": unsqueeze,
}


def tensor_of(proto):
    array = numpy_helper.to_array(proto)
    return torch.from_numpy(array.astype(numpy.float64 if array.dtype.kind == "f" else numpy.int64))


def run(model, weights, inputs, output):
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    values = {**weights, **inputs}
    for node in model.graph.node:
        if node.op_type == "Constant":
            continue
        given = [values[name] if name else None for name in node.input]
        if node.op_type == "Softmax":
            made = softmax(attributes(node), *given, opset=opset)
        else:
            made = OPERATORS[node.op_type](attributes(node), *given)
        values[node.output[0]] = made
        if node.output[0] == output:
            return made
    raise KeyError(output)


def squares(log_p, parameters):
    """‖∂ log p/∂θ‖² of each parameter."""
    grads = torch.autograd.grad(log_p, parameters, retain_graph=True, allow_unused=True)
    return numpy.array([0.0 if g is None else float((g**2).sum()) for g in grads])


def trace(out, likelihood, logits, parameters):
    """Σ_y p(y|x) ‖∂ log p(y|x)/∂θ‖² of independent positions, exactly."""
    if likelihood == "gaussian":
        return sum(squares(h, parameters) for h in out.reshape(-1))
    if likelihood == "bernoulli":
        p = (out.sigmoid() if logits else out).reshape(-1)
        return sum(
            float(q) * squares(torch.log(q), parameters) + float(1 - q) * squares(torch.log1p(-q), parameters)
            for q in p
        )
    rows = (out.softmax(-1) if logits else out).reshape(-1, out.shape[-1])
    return sum(float(q) * squares(torch.log(q), parameters) for row in rows for q in row)


def main():
    torch.set_num_threads(1)
    path, data, asked = sys.argv[1:]
    with open(asked) as file:
        asked = json.load(file)
    model = onnx.load(path)
    weights = {i.name: tensor_of(i) for i in model.graph.initializer}
    # Some exporters write their weights as nodes.
    constants = [node for node in model.graph.node if node.op_type == "Constant"]
    weights.update({node.output[0]: tensor_of(attributes(node)["value"]) for node in constants})
    names = asked["parameters"]
    for name in names:
        weights[name].requires_grad_(True)
    arrays = numpy.load(data)
    n = len(next(iter(arrays.values())))
    total = numpy.zeros(len(names))
    for e in range(n):
        inputs = {name: torch.from_numpy(arrays[name][e : e + 1].astype(numpy.float64)) for name in arrays}
        out = run(model, weights, inputs, asked["output"])
        total += trace(out, asked["likelihood"], asked["logits"], [weights[name] for name in names])
    print(json.dumps(dict(zip(names, total / n))))


main()
