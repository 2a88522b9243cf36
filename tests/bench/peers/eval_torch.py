"""The evaluation of `superpose eval`, written with PyTorch: what a careful user would have written instead.

Reads a network file and the circuit inside it (random pairs of features, `g[i] = x[a] & x[b];`), draws inputs with
one planted pair each, and measures every gate. Prints one line of JSON. Samples go in chunks that stay in cache, the
few readings that should be 1 are handled by index, and the first layer sums embeddings: each of these made it faster.
"""

import argparse
import json
import re
import time

import torch
from safetensors.torch import load_file

from inputs import drawer

parser = argparse.ArgumentParser()
parser.add_argument("network")
parser.add_argument("--samples", type=int, default=10_000)
parser.add_argument("--active", type=int, default=4, help="features on in every input")
parser.add_argument("--chunk", type=int, default=256)
parser.add_argument("--threads", type=int)
parser.add_argument("--repeat", type=int, default=3, help="evaluations in this process; the fastest counts")
options = parser.parse_args()
if options.threads:
    torch.set_num_threads(options.threads)

tensors = load_file(options.network)
source = bytes(tensors["sources.0"].numpy()).decode()
pairs = torch.tensor([[int(a), int(b)] for a, b in re.findall(r"= x\[(\d+)\] & x\[(\d+)\];", source)])
columns = tensors["layers.0.weight"].T.contiguous()  # [features, neurons]
bias = tensors["layers.0.bias"]
if "layers.0.readoff" in tensors:
    readoff = tensors["layers.0.readoff"]  # [gates, neurons]
else:
    indptr, indices, values = (tensors[f"layers.0.readoff.{part}"] for part in ("indptr", "indices", "values"))
    shape = (len(indptr) - 1, len(bias))
    readoff = torch.sparse_csr_tensor(indptr.int(), indices.int(), values, shape).to_dense()
readoff_bias = tensors["layers.0.readoff_bias"]
threshold = tensors["layers.0.threshold"]
n_features, n_gates = len(columns), len(readoff)
assert len(pairs) == n_gates, "every gate is a pair"
draw = drawer(pairs, n_features, options.active)


@torch.inference_mode()
def evaluate(n_samples: int, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    infinity = torch.tensor(float("inf"))
    zeros = lambda: torch.zeros(n_gates, dtype=torch.float64)
    n_on, squares_on, squares_off, missed, false = zeros(), zeros(), zeros(), zeros(), zeros()
    error_max = torch.zeros(n_gates)
    lowest_on = torch.full((n_gates,), float("inf"))
    highest_off = torch.full((n_gates,), -float("inf"))
    n_right = 0
    for start in range(0, n_samples, options.chunk):
        active = draw(min(options.chunk, n_samples - start), generator)
        x = torch.zeros(n_features, len(active), dtype=torch.bool)
        x[active.T, torch.arange(len(active))] = True
        truth = x[pairs[:, 0]] & x[pairs[:, 1]]  # [gates, samples]: whole rows are gathered
        on = truth.nonzero(as_tuple=True)

        h = torch.relu_(torch.nn.functional.embedding_bag(active, columns, mode="sum").add_(bias))
        value = torch.addmm(readoff_bias[:, None], readoff, h.T)  # [gates, samples]

        value_on = value[on]
        ones = torch.ones(len(value_on), dtype=torch.float64)
        wrong_on = value_on <= threshold[on[0]]
        n_on.index_add_(0, on[0], ones)
        squares_on.index_add_(0, on[0], (value_on - 1).double().square())
        missed.index_add_(0, on[0], wrong_on.double())
        lowest_on.scatter_reduce_(0, on[0], value_on, "amin")
        error_max.scatter_reduce_(0, on[0], (value_on - 1).abs(), "amax")

        value[on] = -infinity
        highest = value.amax(1)
        wrong_off = value > threshold[:, None]
        value[on] = 0
        highest_off = torch.maximum(highest_off, highest)
        false += wrong_off.sum(1)
        error_max = torch.maximum(error_max, torch.linalg.vector_norm(value, float("inf"), dim=1))
        squares_off += torch.linalg.vector_norm(value, dim=1).double().square()

        right = ~wrong_off.any(0)
        right[on[1][wrong_on]] = False
        n_right += int(right.sum())
    n_off = n_samples - n_on
    return {
        "reliability": n_right / n_samples,
        "error_max": error_max,
        "rms_on": (squares_on / n_on).sqrt(),
        "rms_off": (squares_off / n_off).sqrt(),
        "false_negative": missed / n_on,
        "false_positive": false / n_off,
        "margin": lowest_on - highest_off,
    }


seconds = []
for seed in range(options.repeat):
    start = time.perf_counter()
    report = evaluate(options.samples, seed)
    seconds.append(time.perf_counter() - start)
summary = {
    "seconds": min(seconds),
    "reliability": report["reliability"],
    "error_max": report["error_max"].max().item(),
    "rms_off": report["rms_off"].square().mean().sqrt().item(),
    "threads": torch.get_num_threads(),
    "torch": torch.__version__,
}
print(json.dumps(summary))
