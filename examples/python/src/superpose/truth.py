"""The truth of a network, in the words of tools that train and score sparse autoencoders on synthetic data.

What SAELens's `train_toy_sae` and `eval_sae_on_synthetic_data` ask of their `activations_generator` and `feature_dict`,
without importing them: `sample`, calls, `feature_vectors`.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from superpose.network import At, Directions, Kind, Network


class ActivationsGenerator:
    """Draws what is true of inputs: a call, or `sample`, gives [batch, names], 0 or 1, never the same inputs twice.

    Each batch carries the inputs that it is true of as `.inputs`, by which a `FeatureDict` finds the activations.
    """

    def __init__(self, network: Network, layer: int, of: str, rows: Tensor, seed: int, pool: int = 16_384) -> None:
        """`rows`: which signals or features; inputs are drawn by the binary, `pool` at a time."""
        self._network, self._layer, self._of, self._rows = network, layer, of, rows
        self._seed, self._pool = seed, pool
        self._inputs = self._truth = torch.empty(0)

    def sample(self, batch_size: int) -> Tensor:
        """[batch_size, names]."""
        while len(self._inputs) < batch_size:
            drawn = self._network.sample(max(self._pool, batch_size), self._seed)
            self._seed += 1
            truth = (drawn.inputs if self._of == "features" else drawn.truth[self._layer])[:, self._rows]
            self._inputs = torch.cat([self._inputs.reshape(-1, drawn.inputs.shape[1]), drawn.inputs])
            self._truth = torch.cat([self._truth.reshape(-1, truth.shape[1]), truth])
        batch, self._truth = self._truth[:batch_size].clone(), self._truth[batch_size:]
        batch.inputs, self._inputs = self._inputs[:batch_size], self._inputs[batch_size:]
        return batch

    __call__ = sample


class FeatureDict(nn.Module):
    """The activations that a batch of an `ActivationsGenerator` belongs to, and the true directions in them.

    They are those of the network itself: no sum of directions, but what an autoencoder of a real model would see.
    """

    def __init__(self, network: Network, layer: int, at: At, directions: Directions) -> None:
        super().__init__()
        self._network = [network]  # not a submodule: nothing of it is to be trained
        self._layer, self._at = layer, at
        self.names = directions.names
        """Of the rows of `feature_vectors`."""
        self.feature_vectors = nn.Parameter(directions.vectors, requires_grad=False)
        """[names, neurons], or [names, d] of a stream."""

    @torch.no_grad()
    def forward(self, batch: Tensor) -> Tensor:
        """[batch, names] as it was drawn, to activations [batch, neurons], or to the stream [batch, d]."""
        inputs = getattr(batch, "inputs", None)
        if inputs is None:
            raise ValueError("this batch carries no inputs: pass on what the generator gave, not a tensor made from it")
        return self._network[0].hidden(inputs, self._at)[self._layer]


def ground_truth(
    network: Network,
    layer: int | str = 0,
    *,
    of: Literal["signals", "features"] = "signals",
    kind: Kind = "effect",
    at: At | None = None,
    n: int = 20_000,
    seed: int = 0,
) -> tuple[ActivationsGenerator, FeatureDict]:
    """An `activations_generator` and a `feature_dict` of the signals of a layer, or of the inputs.

    The directions are those of `Network.directions`, all over `n` inputs; a signal that was never on, or never off,
    among these is left out. They are in the layer's neurons, or of a residual network in the stream above it unless
    `at="neurons"`. The generator draws with seeds from `seed + 1` on.
    """
    l, at = network._index(layer), network._at(at)
    directions = network.directions(l, kind, of=of, at=at, n=n, seed=seed)
    if kind == "embedding" and of == "signals" and at == "neurons":
        raise ValueError('embeddings are of what a layer reads: say of="features" in layer 0, or kind="effect"')
    rows = directions.vectors.isfinite().all(1).nonzero().squeeze(1)
    shown = Directions([directions.names[row] for row in rows], directions.vectors[rows])
    return ActivationsGenerator(network, l, of, rows, seed + 1), FeatureDict(network, l, at, shown)
