"""The networks of bench/shared in torch: convolutional ones as modules without a custom class, and as the steps that a hand takes.

Called as the other scripts are, with the name of the network behind: `lenet`, `cifar` or `transformer`.
"""

import sys

import torch

import common

PLANS = {
    "lenet": [
        ("conv", "conv1", 2),
        ("relu",),
        ("pool",),
        ("conv", "conv2", 0),
        ("relu",),
        ("pool",),
        ("flatten",),
        ("linear", "fc1"),
        ("relu",),
        ("linear", "fc2"),
        ("relu",),
        ("linear", "fc3"),
    ],
    "cifar": [
        *(step for i in (1, 2, 3) for step in (("conv", f"conv{i}", 1), ("relu",), ("pool",))),
        ("flatten",),
        ("linear", "fc"),
    ],
}


def arguments():
    """Arrays, number of rounds, name of the network."""
    arrays, rounds = common.arguments()
    return arrays, rounds, sys.argv[3]


def module(arrays, name):
    """A convolutional network with fim's weights, and the names of its parameters in order; ends the script for another."""
    if name not in PLANS:
        raise SystemExit(f"has no {name}")
    made, names = [], []
    for kind, *rest in PLANS[name]:
        if kind == "relu":
            made.append(torch.nn.ReLU())
        elif kind == "pool":
            made.append(torch.nn.MaxPool2d(2))
        elif kind == "flatten":
            made.append(torch.nn.Flatten())
        else:
            made.append(layer(arrays, kind, *rest))
            names += [f"{rest[0]}.weight", f"{rest[0]}.bias"]
    return torch.nn.Sequential(*made), names


def layer(arrays, kind, name, padding=0):
    weight, bias = (torch.from_numpy(arrays[f"{name}.{part}"]) for part in ("weight", "bias"))
    if kind == "conv":
        own = torch.nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], padding=padding)
    else:
        own = torch.nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        own.weight.copy_(weight)
        own.bias.copy_(bias)
    return own


def check(title, got, arrays):
    """As common.check, by the names of the parameters."""
    common.check(title, got.values(), arrays, list(got))
