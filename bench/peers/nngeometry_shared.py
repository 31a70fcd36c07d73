"""The diagonals of convolutional networks with NNGeometry: FIM and FIM_MonteCarlo as PMatDiag."""

from nngeometry.metrics import FIM, FIM_MonteCarlo
from nngeometry.object import PMatDiag
from torch.utils.data import DataLoader, TensorDataset

import common
import shared

arrays, rounds, name = shared.arguments()
model, names = shared.module(arrays, name)
x, y = common.batch(arrays, model)
loader = DataLoader(TensorDataset(x, y), batch_size=len(x), shuffle=False)
given = {"model": model, "loader": loader, "representation": PMatDiag, "variant": "classif_logits", "device": "cpu"}


def exact():
    return FIM(**given)


flat = exact().get_diag()
parts = flat.split([p.numel() for p in model.parameters()])
shared.check("NNGeometry, exact", dict(zip(names, parts)), arrays)
tasks = {"exact": exact, "one label": lambda: FIM_MonteCarlo(trials=1, **given)}
common.finish("NNGeometry", common.version_of("nngeometry"), tasks, rounds)
