"""The diagonals with bare torch, written by hand for each network.

Convolutional networks: one pass forward that keeps what it needs, and all columns back at once as rows of [N, K, …]; the score of a
convolution is one product of its laid out windows for each example. The transformer: a pass by autograd for each column, which stops at the
outputs of the products.
"""

import torch
from torch.nn import functional

import common
import shared

arrays, rounds, name = shared.arguments()
x = torch.from_numpy(arrays["x"])
weights = {key: torch.from_numpy(arrays[key]) for key in arrays.files if "/" not in key and key != "x"}


def every_class(h):
    """Cotangents of the exact Fisher [N, K, T]: √p_k (e_k − p)."""
    p = h.softmax(1)
    unit = torch.eye(h.shape[1])
    return p.sqrt()[:, :, None] * (unit[None] - p[:, None])


def one_label(h):
    """Of a label drawn for each example [N, 1, T]: e_y − p."""
    p = h.softmax(1)
    y = torch.multinomial(p, 1)
    return (torch.eye(h.shape[1])[y[:, 0]] - p)[:, None]


def linear(a, key, found, first):
    w = weights[f"{key}.weight"]

    def back(g):
        squares = g.square().sum(1)
        found[f"{key}.weight"] = squares.T @ a.square()
        found[f"{key}.bias"] = squares.sum(0)
        return None if first else g @ w

    return functional.linear(a, w, weights[f"{key}.bias"]), back


def convolution(a, key, padding, found, first):
    w = weights[f"{key}.weight"]

    def back(g):
        n, k, out = g.shape[:3]
        rows = g.reshape(n, k * out, -1)
        windows = functional.unfold(a, w.shape[2:], padding=padding)
        scores = rows @ windows.transpose(1, 2)
        found[f"{key}.weight"] = scores.square_().sum(0).reshape(k, *w.shape).sum(0)
        found[f"{key}.bias"] = rows.sum(2).square_().sum(0).reshape(k, out).sum(0)
        if first:
            return None
        return functional.conv_transpose2d(g.flatten(0, 1), w, padding=padding).reshape(n, k, *a.shape[1:])

    return functional.conv2d(a, w, weights[f"{key}.bias"], padding=padding), back


def relu(a):
    mask = a > 0
    return a.relu(), lambda g: g * mask[:, None]


def pool(a):
    out, places = functional.max_pool2d(a, 2, return_indices=True)

    def back(g):
        k = g.shape[1]
        wide = places[:, None].expand(-1, k, -1, -1, -1)
        return functional.max_unpool2d(g.flatten(0, 1), wide.flatten(0, 1), 2).reshape(len(a), k, *a.shape[1:])

    return out, back


def flatten(a):
    return a.flatten(1), lambda g: g.reshape(*g.shape[:2], *a.shape[1:])


@torch.no_grad()
def of_layers(columns):
    found, tape, a = {}, [], x
    for kind, *rest in shared.PLANS[name]:
        if kind == "conv":
            a, back = convolution(a, *rest, found, not tape)
        elif kind == "linear":
            a, back = linear(a, *rest, found, not tape)
        else:
            a, back = {"relu": relu, "pool": pool, "flatten": flatten}[kind](a)
        tape.append(back)
    g = columns(a)
    for back in reversed(tape):
        g = back(g)
    return {key: total / len(x) for key, total in found.items()}


LAYERS = 1 + max((int(key[5]) for key in weights if key.startswith("layer")), default=0)
HEADS = 4


def transformer(record):
    """h [N, T]; `record(score, output)`: what makes scores of the gradient at an output of a product, shift or scale."""

    def shifted(z, key):
        record(lambda g: {key: g.sum(1)}, z)
        return z

    def tokenwise(a, key):
        kept = a.detach().transpose(1, 2)
        z = a @ weights[f"{key}.weight"]
        z = z if z.requires_grad else z.requires_grad_()
        record(lambda g: {f"{key}.weight": kept @ g, f"{key}.bias": g.sum(1)}, z)
        return z + weights[f"{key}.bias"]

    def norm(a, key):
        hat = functional.layer_norm(a, a.shape[-1:])
        z = hat * weights[f"{key}.weight"]
        kept = hat.detach()
        record(lambda g: {f"{key}.weight": (kept * g).sum(1), f"{key}.bias": g.sum(1)}, z)
        return z + weights[f"{key}.bias"]

    def heads(a):
        return a.reshape(*a.shape[:2], HEADS, -1).transpose(1, 2)

    z = tokenwise(x, "embed") + 0
    record(lambda g: {"position": g}, z)
    z = z + weights["position"]
    for i in range(LAYERS):
        key = f"layer{i}"
        a = norm(z, f"{key}.norm1")
        q, k, v = (heads(tokenwise(a, f"{key}.{part}")) for part in "qkv")
        mixed = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(3) @ v
        z = z + tokenwise(mixed.transpose(1, 2).reshape(z.shape), f"{key}.out")
        wide = tokenwise(norm(z, f"{key}.norm2"), f"{key}.ff1").relu()
        z = z + tokenwise(wide, f"{key}.ff2")
    pooled = norm(z, "norm").mean(1)
    h = functional.linear(pooled, weights["head.weight"], weights["head.bias"])
    kept = pooled.detach()[:, None]
    record(lambda g: {"head.weight": g[:, :, None] @ kept, "head.bias": g}, h)
    return h


def of_transformer(columns):
    made, outputs = [], []
    h = transformer(lambda score, z: (made.append(score), outputs.append(z)))
    found = {}
    with torch.no_grad():
        cotangents = columns(h)
    count = cotangents.shape[1]
    for k in range(count):
        gradients = torch.autograd.grad(h, outputs, cotangents[:, k], retain_graph=k + 1 < count)
        with torch.no_grad():
            for score, g in zip(made, gradients, strict=True):
                for key, s in score(g).items():
                    total = s.square_().sum(0) if s is not g else s.square().sum(0)
                    found[key] = found[key].add_(total) if key in found else total
    return {key: total / len(x) for key, total in found.items()}


diagonal = of_layers if name in shared.PLANS else of_transformer
exact = diagonal(every_class)
shared.check("torch by hand, exact", exact, arrays)
tasks = {"exact": lambda: diagonal(every_class), "one label": lambda: diagonal(one_label)}
common.finish("torch by hand", torch.__version__, tasks, rounds)
