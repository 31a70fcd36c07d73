"""The diagonals of convolutional networks with BackPACK: DiagGGNExact and DiagGGNMC, as in backpack_diagonal.py."""

import torch
from backpack import backpack, extend
from backpack.extensions import DiagGGNExact, DiagGGNMC

import common
import shared

arrays, rounds, name = shared.arguments()
made, names = shared.module(arrays, name)
model = extend(made)
loss_function = extend(torch.nn.CrossEntropyLoss())
x, y = common.batch(arrays, model)


def run(extension):
    model.zero_grad()
    with backpack(extension):
        loss_function(model(x), y).backward()


run(DiagGGNExact())
shared.check("BackPACK, exact", dict(zip(names, (p.diag_ggn_exact for p in model.parameters()))), arrays)
common.finish(
    "BackPACK",
    common.version_of("backpack-for-pytorch"),
    {"exact": lambda: run(DiagGGNExact()), "one label": lambda: run(DiagGGNMC(mc_samples=1))},
    rounds,
)
