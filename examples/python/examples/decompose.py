"""A target for parameter decomposition: W is a sum of known rank-one parts, one for each signal that the layer reads.

    python decompose.py

W = C D, so W = Σ_j C[:, j] D[j, :]: part j reads signal j of the layer below from its neurons (the row of D), and
says what it adds to every neuron (the column of C). There is a probe for each gate, an input on which it is on and as
little else as can be; which parts should be active on it is known: those of the signals below that are on.
Targets of such methods are `nn.Linear`s by name: `layers.0.linear`, `layers.1.linear`, …, with `layers.L.relu` between.
Where layers add to a stream they are `layers.L.mlp_in`, of parts as above, which read the signals of all layers below,
and `layers.L.mlp_out`: W_out = Φ R, whose part s has what the neurons say of signal s (the row of R) written along its
direction (the column of Φ).
"""

from __future__ import annotations

from typing import NamedTuple

import superpose
import torch
from torch import Tensor

torch.set_num_threads(1)  # so small a model is slower on more

ADDERS = """
circuit adders;
feature a[12], b[12];
sample { choose 0..=2 of a; choose 0..=2 of b; plant 0.5; }
layer halves { s[i] = a[i] ^ b[i] for i in 0..12;  c[i] = a[i] & b[i] for i in 0..12; }
layer second { t[i] = s[i + 1] ^ c[i] for i in 0..11;  d[i] = s[i + 1] & c[i] for i in 0..11; }
network { width 20; }
"""

RESIDUAL = ADDERS.replace("width 20;", "width 24; residual 72;")


class Probes(NamedTuple):
    """An input for each gate of a layer."""

    gates: list[str]
    inputs: Tensor
    """[gates, features]."""
    parts: Tensor
    """Which parts of the layer's weight should be active: [gates, reads], 0 or 1."""


def probes(network: superpose.Network, layer: int, n: int = 20_000) -> Probes:
    """Of n inputs, for each gate the one with the fewest signals on; gates that are never on have none."""
    drawn = network.sample(n)
    truth = drawn.truth[layer]
    below = network.truth_below(drawn, layer)
    n_on = (below.sum(1) + truth.sum(1) + drawn.inputs.sum(1))[:, None].where(truth > 0, torch.inf)
    fewest, rows = n_on.min(0)
    seen = fewest.isfinite()
    gates = [name for name, is_seen in zip(network.signals(layer), seen) if is_seen]
    return Probes(gates, drawn.inputs[rows[seen]], below[rows[seen]])


@torch.no_grad()
def activity(network: superpose.Network, layer: int, inputs: Tensor) -> Tensor:
    """How much of each part there is, D h + d: 1 where it is all there, [inputs, reads]."""
    return network.read_below(inputs)[layer]


def check(network: superpose.Network, name: str, left: Tensor, right: Tensor) -> None:
    """Whether the weight of a module is the sum of the products of columns and rows."""
    weight = dict(network.named_modules())[name].weight.detach()
    summed = sum(torch.outer(column, row) for column, row in zip(left.T, right))
    off = ((summed - weight).abs().max() / weight.abs().max()).item()
    assert off < 1e-4, off
    print(f"{name} {list(weight.shape)}: the sum of {len(right)} parts of rank one, to {off:.0e}")


def report(network: superpose.Network) -> None:
    is_residual = isinstance(network, superpose.ResidualNetwork)
    for l in range(len(network.layers)):
        check(network, f"layers.{l}.{'mlp_in' if is_residual else 'linear'}", *network.factors(l))
        if is_residual:
            check(network, f"layers.{l}.mlp_out", *network.write_factors(l))

        found = probes(network, l)
        active = activity(network, l, found.inputs) > 0.5
        right = (active == (found.parts > 0)).all(1)
        named = [network.reads(l)[j] for j in found.parts[0].nonzero().squeeze(1)]
        print(f"  probes of {len(found.gates)} gates; on that of {found.gates[0]}, the parts of {', '.join(named)}")
        print(f"  {found.parts.sum(1).mean():.1f} parts expected on each, and read back on {right.sum()} probes")


if __name__ == "__main__":
    report(superpose.compile(ADDERS, budget="600k", quiet=True))
    print("the same circuit in a stream")
    report(superpose.compile(RESIDUAL, quiet=True))
