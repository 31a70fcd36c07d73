"""The diagonals with NNGeometry (tfjgeorge/nngeometry): FIM and FIM_MonteCarlo in the representation PMatDiag."""

from nngeometry.metrics import FIM, FIM_MonteCarlo
from nngeometry.object import PMatDiag
from torch.utils.data import DataLoader, TensorDataset

import common

arrays, rounds = common.arguments()
model = common.network(arrays)
x, y = common.batch(arrays, model)
loader = DataLoader(TensorDataset(x, y), batch_size=len(x), shuffle=False)


def exact():
    return FIM(model=model, loader=loader, representation=PMatDiag, variant="classif_logits", device="cpu")


def sampled():
    return FIM_MonteCarlo(
        model=model, loader=loader, representation=PMatDiag, variant="classif_logits", trials=1, device="cpu"
    )


# One flat vector, layer by layer, weight before bias.
flat = exact().get_diag()
sizes = [p.numel() for p in model.parameters()]
common.check("NNGeometry, exact", list(flat.split(sizes)), arrays)
common.finish("NNGeometry", common.version_of("nngeometry"), {"exact": exact, "one label": sampled}, rounds)
