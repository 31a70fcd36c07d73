"""The diagonals with BackPACK (f-dangel/backpack): extensions DiagGGNExact, DiagGGNMC and SumGradSquared of one backward pass.

The generalised Gauss–Newton matrix of the cross-entropy of logits is the Fisher information; with a mean-reduced loss both of the
first are means over the examples. SumGradSquared of a mean-reduced loss is (1/N²) Σ g², a factor N from the empirical Fisher.
"""

import torch
from backpack import backpack, extend
from backpack.extensions import DiagGGNExact, DiagGGNMC, SumGradSquared

import common

arrays, rounds = common.arguments()
model = extend(common.network(arrays))
loss_function = extend(torch.nn.CrossEntropyLoss())
x, y = common.batch(arrays, model)
parameters = list(model.parameters())


def run(extension):
    model.zero_grad()
    with backpack(extension):
        loss_function(model(x), y).backward()


run(DiagGGNExact())
common.check("BackPACK, exact", [p.diag_ggn_exact for p in parameters], arrays)
common.finish(
    "BackPACK",
    common.version_of("backpack-for-pytorch"),
    {
        "exact": lambda: run(DiagGGNExact()),
        "one label": lambda: run(DiagGGNMC(mc_samples=1)),
        "empirical": lambda: run(SumGradSquared()),
    },
    rounds,
)
