"""SAELens's own trainer and evaluation, unchanged, on a network that computes: scored on its features and its gates.

    pip install sae-lens; python saelens.py [training samples]

`superpose.ground_truth` gives what SAELens calls `activations_generator` and `feature_dict`. Its F1 is a mean over
latents, each held against the one direction that is nearest to it; that of `sae.py` is a mean over features or gates.
"""

from __future__ import annotations

import logging
import sys

import superpose
import torch
from sae import PAIRS
from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.synthetic import eval_sae_on_synthetic_data, mean_correlation_coefficient, train_toy_sae

torch.set_num_threads(1)  # so small a model is slower on more
torch.manual_seed(0)
logging.disable(logging.WARNING)

samples = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
network = superpose.compile(PAIRS, budget="400k", quiet=True)
n_neurons = network.layers[0].linear.out_features
config = TopKTrainingSAEConfig(d_in=n_neurons, d_sae=100, k=3, apply_b_dec_to_input=True)
sae = TopKTrainingSAE(config)

generator, feature_dict = superpose.ground_truth(network, 0, of="features")
with torch.no_grad():
    sae.b_dec.copy_(feature_dict(generator(10_000)).mean(0))
train_toy_sae(sae, feature_dict, generator, training_samples=samples, batch_size=256, lr=1e-3)

print(f"{'of':10}{'direction':12}{'MCC':>6}{'random':>9}{'F1':>7}{'variance explained':>20}")
for of, kind in [("features", "effect"), ("features", "embedding"), ("signals", "effect"), ("signals", "reader")]:
    generator, feature_dict = superpose.ground_truth(network, 0, of=of, kind=kind, seed=10)
    result = eval_sae_on_synthetic_data(sae, feature_dict, generator, num_samples=10_000)
    random = mean_correlation_coefficient(torch.randn(sae.W_dec.shape), feature_dict.feature_vectors)
    scores = f"{result.mcc:6.3f}{random:9.3f}{result.classification.f1_score:7.3f}{result.explained_variance:20.3f}"
    print(f"{of:10}{kind:12}{scores}   {result.dead_latents} latents dead")
