"""Kronecker factors and EKFAC with NNGeometry (tfjgeorge/nngeometry): FIM and FIM_MonteCarlo as PMatKFAC, PMatEKFAC."""

from nngeometry.metrics import FIM, FIM_MonteCarlo
from nngeometry.object import PMatEKFAC, PMatKFAC
from torch.utils.data import DataLoader, TensorDataset

import common

arrays, rounds = common.arguments()
model = common.network(arrays)
x, y = common.batch(arrays, model)
loader = DataLoader(TensorDataset(x, y), batch_size=len(x), shuffle=False)
shared = {"model": model, "loader": loader, "variant": "classif_logits", "device": "cpu"}

factors = FIM(representation=PMatKFAC, **shared)
# A number goes from one factor to the other: the 1 of the bias says how much.
products = (g * a[-1, -1] for a, g in factors.data.values())
found = dict(zip(("0.weight", "2.weight", "4.weight"), products, strict=True))
common.check_factors("NNGeometry, exact", found, arrays)
ekfac = FIM(representation=PMatEKFAC, **shared)


def whole():
    """Factors, eigenvectors and scales."""
    FIM(representation=PMatEKFAC, **shared).update_diag(loader)


common.finish(
    "NNGeometry",
    common.version_of("nngeometry"),
    {
        "exact": lambda: FIM(representation=PMatKFAC, **shared),
        "one label": lambda: FIM_MonteCarlo(representation=PMatKFAC, trials=1, **shared),
        "ekfac, scales in given bases": lambda: ekfac.update_diag(loader),
        "ekfac, whole": whole,
    },
    rounds,
)
