"""Trains a small TopK autoencoder on a layer, and holds it against the true directions of features and of gates.

    python sae.py [steps]

MCC: latents and true directions matched one to one (Hungarian), mean |cosine| of the pairs; beside it that of random
latents, which is far from 0 in so few dimensions. F1: for each feature or gate, that of the latent that tells it best.

An autoencoder learns what its inputs are made of, and pairs that are often planted are such a thing whether or not the
network computes them. The control says how much of a score is that: the same circuit in a linear code, where no neuron
computes. Only what goes beyond the control is owed to the computation.
"""

from __future__ import annotations

import sys

import superpose
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.nn.functional import normalize

torch.set_num_threads(1)  # so small a model is slower on more

PAIRS = """
circuit pairs;
feature x[40];
sample { choose 3 of x; plant 0.5; }
layer pairs { g[i] = all(pick(2, x)) for i in 0..60; }  // 60 gates of 40 features on 24 neurons
network { width 24; seed 1; }
"""


class TopK(nn.Module):
    """Sparse autoencoder: the k largest latents, [batch, neurons] to [batch, latents] and back."""

    def __init__(self, n_neurons: int, n_latents: int, k: int) -> None:
        super().__init__()
        self.k = k
        self.encoder, self.decoder = nn.Linear(n_neurons, n_latents), nn.Linear(n_latents, n_neurons)

    def encode(self, h: Tensor) -> Tensor:
        latents = self.encoder(h - self.decoder.bias).relu()
        largest = latents.topk(self.k, dim=1)
        return torch.zeros_like(latents).scatter(1, largest.indices, largest.values)

    def forward(self, h: Tensor) -> Tensor:
        return self.decoder(self.encode(h))


def train(h: Tensor, n_latents: int, k: int, steps: int, rate: float = 3e-3) -> TopK:
    """Of activations [inputs, neurons]. Latents that never fire begin anew at what is reconstructed worst."""
    sae = TopK(h.shape[1], n_latents, k)
    with torch.no_grad():
        sae.decoder.bias.copy_(h.mean(0))
        sae.encoder.weight.copy_(normalize(h[torch.randperm(len(h))[:n_latents]] - h.mean(0)))
        sae.encoder.bias.zero_()
        sae.decoder.weight.copy_(sae.encoder.weight.T)
    optimizer = torch.optim.Adam(sae.parameters(), lr=rate)
    fired = torch.zeros(n_latents)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, 3 * (1 - step / steps))
        batch = h[torch.randint(len(h), (512,))]
        latents = sae.encode(batch)
        error = sae.decoder(latents) - batch
        optimizer.zero_grad()
        error.pow(2).mean().backward()
        optimizer.step()
        with torch.no_grad():
            sae.decoder.weight.copy_(normalize(sae.decoder.weight, dim=0))
            fired += (latents > 0).sum(0)
            if step % 250 == 249 and step < 0.6 * steps:
                dead = (fired < 5).nonzero().squeeze(1)[: len(batch)]
                anew = normalize(-error[error.norm(dim=1).topk(len(dead)).indices])
                sae.decoder.weight[:, dead], sae.encoder.weight[dead], sae.encoder.bias[dead] = anew.T, anew, 0.0
                fired.zero_()
    return sae


def mcc(latents: Tensor, truth: Tensor) -> float:
    """Of directions [latents, neurons] and [names, neurons]."""
    cosines = (normalize(latents) @ normalize(truth).T).abs()
    return cosines[linear_sum_assignment(-cosines.numpy())].mean().item()


def f1(fires: Tensor, truth: Tensor) -> Tensor:
    """Of [inputs, latents] and [inputs, names], 0 or 1: for each name that of its best latent, [names]."""
    return (2 * truth.T @ fires / (truth.sum(0)[:, None] + fires.sum(0)).clamp(min=1)).max(1).values


@torch.no_grad()
def scores(network: superpose.Network, sae: TopK, layer: int = 0) -> dict[tuple[str, str], tuple[float, float, float]]:
    """By (of what, which direction): MCC of the decoder, MCC of random latents, F1."""
    drawn = network.sample(10_000, seed=2)
    fires = (sae.encode(network.activations(drawn.inputs)[layer]) > 0).float()
    found = sae.decoder.weight.T
    rows = {}
    for of, kind in [("features", "effect"), ("features", "embedding"), ("signals", "effect"), ("signals", "reader")]:
        directions = network.directions(layer, kind, of=of, at="neurons").vectors
        seen = directions.isfinite().all(1) & (directions.norm(dim=1) > 0)
        truth = (drawn.inputs if of == "features" else drawn.truth[layer])[:, seen]
        random = torch.randn(found.shape)
        rows[of, kind] = (mcc(found, directions[seen]), mcc(random, directions[seen]), f1(fires, truth).mean().item())
    return rows


def report(network: superpose.Network, steps: int = 2000) -> None:
    """Trains on the first layer, and prints the scores."""
    torch.manual_seed(0)
    with torch.no_grad():
        h = network.activations(network.sample(40_000, seed=1).inputs)[0]
    sae = train(h, n_latents=100, k=3, steps=steps)
    with torch.no_grad():
        explained = 1 - (sae(h) - h).var(0).sum() / h.var(0).sum()
    counts = f"{len(network.features)} features, {len(network.gates)} gates, {h.shape[1]} neurons"
    print(f"{counts}; {explained:.3f} of the variance explained")
    print(f"  {'of':10}{'direction':12}{'MCC':>6}{'random':>9}{'F1':>7}")
    for (of, kind), (found, random, score) in scores(network, sae).items():
        print(f"  {of:10}{kind:12}{found:6.3f}{random:9.3f}{score:7.3f}")


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print("fitted: the gates are computed")
    report(superpose.compile(PAIRS, budget="400k", quiet=True), steps)
    print("control, a linear code of the same inputs: no neuron computes")
    report(superpose.compile(PAIRS, construction="linear", quiet=True), steps)
