"""Kronecker factors with BackPACK (f-dangel/backpack): extensions KFLR (exact) and KFAC with one sampled label, of one backward pass."""

import torch
from backpack import backpack, extend
from backpack.extensions import KFAC, KFLR

import common

arrays, rounds = common.arguments()
model = extend(common.network(arrays))
loss_function = extend(torch.nn.CrossEntropyLoss())
x, y = common.batch(arrays, model)


def run(extension):
    model.zero_grad()
    with backpack(extension):
        loss_function(model(x), y).backward()


run(KFLR())
common.check_factors("BackPACK, exact", {n: p.kflr[0] for n, p in model.named_parameters() if "weight" in n}, arrays)
common.finish(
    "BackPACK",
    common.version_of("backpack-for-pytorch"),
    {"exact": lambda: run(KFLR()), "one label": lambda: run(KFAC(mc_samples=1))},
    rounds,
)
