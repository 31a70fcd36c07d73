"""What the peers' scripts share: the network, the batch, the check against fim's numbers, the clock, the answer as JSON.

Each script is called with the `.npz` that bench/peers/write.ts wrote and the number of rounds, or `serve`: then it says its tasks as a line
of JSON and runs whichever a line of its input names, so that a bench can let it take turns with others (bench/tools/peers.ts). Times are
milliseconds of one batch, from inputs to diagonal: processor time of this process, and on the clock. One thread.
"""

import json
import statistics
import sys
import time
from importlib import metadata

import numpy
import torch

TOLERANCE = 1e-4
# Of the network's largest entry: tensors that hold less are rounding alone, as a key's bias, which a softmax takes out.
NOTHING = 1e-9


def arguments():
    """Arrays of the file, and the number of rounds."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return numpy.load(sys.argv[1]), 0 if sys.argv[2] == "serve" else int(sys.argv[2])


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


PARAMETERS = [f"{name}.{kind}" for name in ["fc1", "fc2", "fc3"] for kind in ["weight", "bias"]]


def check(title, got, arrays, names=PARAMETERS):
    """Ends the script where a diagonal, in the order of `names`, differs from fim's by more than TOLERANCE of the tensor's largest entry."""
    largest = max(float(arrays[f"fisher/{name}"].max()) for name in names)
    for have, name in zip(got, names, strict=True):
        want = arrays[f"fisher/{name}"]
        if want.max() < NOTHING * largest:
            continue
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


def once(task):
    """Milliseconds of a call: processor time, and on the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    task()
    return 1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall)


def serve(tasks):
    """Runs the task that each line of the input names."""
    print(json.dumps(list(tasks)), flush=True)
    for line in sys.stdin:
        cpu, wall = once(tasks[line.strip()])
        print(json.dumps({"cpu": cpu, "clock": wall}), flush=True)


def clock(tasks, rounds, warmup=3):
    """Times of every task, which take turns."""
    seen = {name: [] for name in tasks}
    for r in range(-warmup, rounds):
        for name, task in tasks.items():
            time_of = once(task)
            if r >= 0:
                seen[name].append(time_of)
    return {
        name: {"median": statistics.median(cpu for cpu, _ in times), "least": min(wall for _, wall in times)}
        for name, times in seen.items()
    }


def finish(library, version, tasks, rounds, warmup=3):
    """Serves the tasks, or prints their times in `rounds` turns."""
    if rounds == 0:
        serve(tasks)
        return
    ms = clock(tasks, rounds, warmup)
    print(json.dumps({"library": library, "version": version, "torch": torch.__version__, "rounds": rounds, "ms": ms}))
