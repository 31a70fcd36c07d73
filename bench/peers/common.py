"""What the peers' scripts share: the network, the batch, the check against fim's numbers, the clock, the answer as JSON.

Each script is called with the `.npz` that bench/peers/write.ts wrote and the number of rounds. Times are milliseconds of one batch, from
logits to diagonal: the median processor time of this process, and the shortest time on the clock. One thread.
"""

import json
import statistics
import sys
import time
from importlib import metadata

import numpy
import torch

TOLERANCE = 1e-4


def arguments():
    """Arrays of the file, and the number of rounds."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return numpy.load(sys.argv[1]), int(sys.argv[2])


def network(arrays):
    """784-128-128-10 with ReLU, with fim's weights, as modules without a custom class so that every peer supports it."""
    layers = []
    for i, name in enumerate(["fc1", "fc2", "fc3"]):
        weight = torch.from_numpy(arrays[f"{name}.weight"])
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.copy_(torch.from_numpy(arrays[f"{name}.bias"]))
        layers.append(linear)
        if i < 2:
            layers.append(torch.nn.ReLU())
    return torch.nn.Sequential(*layers)


def batch(arrays, model):
    """Inputs, and labels drawn from the model (only the empirical Fisher reads them)."""
    x = torch.from_numpy(arrays["x"])
    with torch.no_grad():
        y = torch.distributions.Categorical(logits=model(x)).sample()
    return x, y


def expected(arrays):
    """fim's exact diagonal, in the order of the model's parameters."""
    return [arrays[f"fisher/{name}.{kind}"] for name in ["fc1", "fc2", "fc3"] for kind in ["weight", "bias"]]


def check(title, got, arrays):
    """Ends the script where a diagonal differs from fim's by more than TOLERANCE of the tensor's largest entry."""
    for have, want in zip(got, expected(arrays), strict=True):
        have = numpy.asarray(have.detach().cpu(), dtype=numpy.float64).reshape(want.shape)
        error = float(numpy.max(numpy.abs(have - want)) / numpy.max(numpy.abs(want)))
        if not error <= TOLERANCE:
            raise SystemExit(f"{title}: differs from fim's exact diagonal by {error:.2e} of its largest entry")


def check_factors(title, got, arrays):
    """Ends the script where the G of a layer differs from fim's by more than TOLERANCE of its largest entry; by layer `0.weight`."""
    for i, name in enumerate(["fc1", "fc2", "fc3"]):
        want = arrays[f"kfac/{name}.weight/G"]
        have = got[f"{2 * i}.weight"]
        # BackPACK gives G as columns whose products it is.
        have = numpy.asarray(have.detach(), dtype=numpy.float64)
        if have.shape != want.shape:
            have = have.reshape(-1, have.shape[-2], have.shape[-1])
            have = numpy.einsum("kno,knp->op", have, have) if have.shape[-1] == want.shape[0] else have
        error = float(numpy.max(numpy.abs(have - want)) / numpy.max(numpy.abs(want)))
        if not error <= TOLERANCE:
            raise SystemExit(f"{title}: G of {name} differs from fim's by {error:.2e} of its largest entry")


def version_of(package):
    """Of an installed package; of a folder on the path: not said."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "from its sources"


def clock(tasks, rounds, warmup=3):
    """Times of every task, which take turns."""
    seen = {name: [] for name in tasks}
    for r in range(-warmup, rounds):
        for name, task in tasks.items():
            cpu, wall = time.process_time(), time.perf_counter()
            task()
            if r >= 0:
                seen[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {
        name: {
            "median": 1e3 * statistics.median(cpu for cpu, _ in times),
            "least": 1e3 * min(wall for _, wall in times),
        }
        for name, times in seen.items()
    }


def answer(library, version, ms, rounds):
    print(json.dumps({"library": library, "version": version, "torch": torch.__version__, "rounds": rounds, "ms": ms}))
