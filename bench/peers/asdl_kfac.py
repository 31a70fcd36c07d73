"""Kronecker factors with ASDL (kazukiosawa/asdl): get_fisher_maker with FISHER_EXACT and FISHER_MC in the shape SHAPE_KRON.

Its factors are sums over the examples divided by `data_size`, A by its own rule; only G is checked, up to a factor of its own.
"""

from asdl import FISHER_EXACT, FISHER_MC, SHAPE_KRON, FisherConfig, get_fisher_maker

import common

arrays, rounds = common.arguments()
model = common.network(arrays)
x, y = common.batch(arrays, model)


def maker(kind):
    config = FisherConfig(
        fisher_type=kind, fisher_shapes=[SHAPE_KRON], loss_type="cross_entropy", data_size=len(x), n_mc_samples=1
    )
    made = get_fisher_maker(model, config)

    def run():
        made.setup_model_call(model, x)
        made.forward_and_backward()

    return run


exact, sampled = maker(FISHER_EXACT), maker(FISHER_MC)
exact()
found = {f"{i}.weight": model[i].fisher.kron.B for i in (0, 2, 4)}
common.check_factors("ASDL, exact", found, arrays)
common.finish("ASDL", common.version_of("asdfghjkl"), {"exact": exact, "one label": sampled}, rounds)
