"""The diagonals with curvlinops (f-dangel/curvlinops): GGNDiagonalComputer, exact (mc_samples=0) and with one sampled label.

In releases from 3.1 on; earlier ones have no exact diagonal. The check for determinism, which the library makes once per operator, is
off, and the number of examples is given, so that only the diagonal is timed.
"""

import torch
from curvlinops.computers.ggn_diagonal import GGNDiagonalComputer

import common

arrays, rounds = common.arguments()
model = common.network(arrays)
x, y = common.batch(arrays, model)
parameters = {name: p.detach() for name, p in model.named_parameters()}


def diagonal(mc_samples):
    return GGNDiagonalComputer(
        model,
        torch.nn.CrossEntropyLoss(reduction="mean"),
        parameters,
        [(x, y)],
        check_deterministic=False,
        num_data=len(x),
        mc_samples=mc_samples,
    ).compute()


common.check("curvlinops, exact", list(diagonal(0).values()), arrays)
# More than a second a call: a few rounds are enough.
tasks = {"exact": lambda: diagonal(0), "one label": lambda: diagonal(1)}
version = common.version_of("curvlinops-for-pytorch")
common.finish("curvlinops", version, tasks, rounds and max(3, rounds // 10), warmup=1)
