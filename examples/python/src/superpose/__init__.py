"""Networks that compute Boolean circuits in superposition, as PyTorch modules with every direction known.

    import superpose

    network = superpose.compile("newsroom.circ", width=96)   # or superpose.load("newsroom.safetensors")
    drawn = network.sample(1000)
    readoffs = network(drawn.inputs)                          # [1000, signals of the last layer]
"""

from superpose.binary import SuperposeError, SuperposeWarning
from superpose.network import Directions, Layer, Network, ResidualLayer, ResidualNetwork, Sample, compile, load
from superpose.truth import ActivationsGenerator, FeatureDict, ground_truth

__all__ = [
    "ActivationsGenerator",
    "Directions",
    "FeatureDict",
    "Layer",
    "Network",
    "ResidualLayer",
    "ResidualNetwork",
    "Sample",
    "SuperposeError",
    "SuperposeWarning",
    "compile",
    "ground_truth",
    "load",
]
