"""What the module computes, names and draws is what the binary does; its errors are the compiler's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import superpose
import torch
from superpose import binary

CIRCUITS = Path(__file__).parents[2]
TWO_LAYERS = """
feature x[4];
sample { choose 2 of x; }
layer bottom { both = x[0] & x[1]; }
layer top { any = both | x[2]; none = nor(both, x[3]); }
"""

CASES = {
    "three layers": ("newsroom.circ", {"O": 0}),
    "fitted": ("every_kind.circ", {"budget": "20k"}),
    "complements, sparse read-offs": ("every_kind.circ", {"O": 0}),
    "stored inputs": ("stored.circ", {"O": 1}),
    "stored inputs, two layers": ("readback.circ", {}),
    "a stream": (None, {"width": 40}),
    "a stream, as published": (None, {"O": 0, "width": 40}),
}

STREAM = """
feature x[8];
sample { choose 0..=3 of x; }
layer low { pair[i] = x[i] & x[i + 1] for i in 0..6; none = nor(x[0], x[7]); }
layer mid { odd = x[0] ^ pair[5]; calm = none & !pair[2]; }
layer high { end = x[7] & !odd; }
network { residual 24; }
"""


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, superpose.Network]:
    circuit, options = CASES[request.param]
    path = tmp_path_factory.mktemp("network") / "net.safetensors"
    if circuit is None:
        (path.parent / "stream.circ").write_text(STREAM)
        circuit = path.parent / "stream.circ"
    flags = [f"-{k}{v}" if len(k) == 1 else f"--{k}={v}" for k, v in options.items()]
    binary.run(["compile", str(CIRCUITS / circuit), "--quiet", "-o", str(path), *flags])
    return path, superpose.load(path)


def test_read_offs_activations_and_truth_are_those_of_the_binary(case, tmp_path):
    path, network = case
    binary.run(["dataset", str(path), "-n", "300", "--eval-seed", "3", "-o", str(tmp_path / "rows")])
    theirs = safetensors.torch.load_file(tmp_path / "rows" / "shard-00000.safetensors")
    axes = json.loads((tmp_path / "rows" / "manifest.json").read_text())["axes"]
    assert network.features == axes["features"]
    drawn = network.sample(300, seed=3)
    assert torch.equal(drawn.inputs, theirs["features"].float())
    with torch.no_grad():
        activations, readoffs = network.activations(drawn.inputs), network.readoffs(drawn.inputs)
        assert torch.equal(network(drawn.inputs), readoffs[-1])
    for l in range(len(network.layers)):
        scale = max(1.0, theirs[f"layers.{l}.activations"].abs().max().item())
        torch.testing.assert_close(activations[l], theirs[f"layers.{l}.activations"], rtol=0, atol=1e-5 * scale)
        torch.testing.assert_close(readoffs[l], theirs[f"layers.{l}.readoffs"], rtol=0, atol=1e-5)
        assert torch.equal(drawn.truth[l], theirs[f"layers.{l}.labels"].float())
        assert network.signals(l) == network.signals(network.layer_names[l]) == axes[f"layers.{l}.signals"]
    if isinstance(network, superpose.ResidualNetwork):
        names = ["input.stream", *(f"layers.{l}.stream" for l in range(len(network.layers)))]
        for stream, name in zip(network.streams(drawn.inputs), names, strict=True):
            torch.testing.assert_close(stream.detach(), theirs[name], rtol=0, atol=1e-5)


def test_every_axis_has_names(case):
    _, network = case
    is_residual = isinstance(network, superpose.ResidualNetwork)
    for l, layer in enumerate(network.layers):
        compute, decompress = network.factors(l)
        linear = layer.mlp_in if is_residual else layer.linear
        assert compute.shape == (linear.out_features, len(network.reads(l)))
        assert decompress.shape == (len(network.reads(l)), linear.in_features)
        weight = linear.weight.detach()
        torch.testing.assert_close(compute @ decompress, weight, rtol=0, atol=1e-4 * weight.abs().max().item())
        assert len(network.signals(l)) == len(network.threshold(l)) == len(network.read_off(l)[0])
        assert not any("!" in name for name in network.signals(l))
    parts = ("mlp_in", "relu", "mlp_out") if is_residual else ("linear", "relu", "readoff")
    names = [f"layers.{l}.{part}" for l in range(len(network.layers)) for part in parts]
    assert set(names) < set(dict(network.named_modules()))


def test_a_network_with_a_neuron_for_every_bend_is_read_right():
    network = superpose.compile(TWO_LAYERS, O=1)
    drawn = network.sample(200)
    with torch.no_grad():
        for l, readoffs in enumerate(network.readoffs(drawn.inputs)):
            assert torch.equal((readoffs > network.threshold(l)).float(), drawn.truth[l])
    assert network.signals("top") == ["any", "none"]
    assert network.name and network.gates[0]["operands"] == ["x[0]", "x[1]"]


def test_directions_say_what_they_are():
    network = superpose.compile(TWO_LAYERS, O=1)
    for l in range(2):
        assert network.directions(l, "reader").names == network.signals(l)
        assert network.directions(l, "embedding").names == network.reads(l)
        effect = network.directions(l, n=2000)
        assert torch.equal(effect.vectors, network.feature_vectors(l, n=2000))
        drawn = network.sample(2000)
        h = network.activations(drawn.inputs)[l].detach()
        on = drawn.truth[l][:, 0] == 1
        torch.testing.assert_close(effect.vectors[0], h[on].mean(0) - h[~on].mean(0), atol=1e-5, rtol=1e-5)
        readers = network.directions(l, "reader").vectors
        assert ((readers * effect.vectors).sum(1) > 0.8).all(), "along its reader, a signal moves by 1"
    features = network.directions(0, of="features")
    assert features.names == network.features
    # One feature more moves the neurons, before their ReLU, by its embedding.
    x = torch.zeros(2, 4)
    x[1, 2] = 1
    moved = network.layers[0].linear(network.dictionary(x)).detach()
    torch.testing.assert_close(moved[1] - moved[0], network.directions(0, "embedding").vectors[2])


@pytest.mark.filterwarnings("ignore:at -O2 a layer adds")
def test_directions_in_a_stream_say_what_they_are():
    network = superpose.compile(STREAM, width=40)
    assert isinstance(network, superpose.ResidualNetwork)
    assert set(dict(network.named_parameters())) >= {"W_E.weight", "W_U.weight", "layers.2.mlp_out.bias"}
    assert network.unembedded == [*network.features, *(name for l in range(3) for name in network.signals(l))]
    drawn = network.sample(3000)
    streams = network.streams(drawn.inputs)
    for l in range(3):
        readers, written = network.directions(l, "reader"), network.directions(l, "embedding")
        assert readers.names == written.names == network.signals(l)
        assert torch.equal(readers.vectors, network.read_off(l)[0])
        torch.testing.assert_close((readers.vectors * written.vectors).sum(1), torch.ones(len(readers.names)))
        torch.testing.assert_close(written.vectors.norm(dim=1), torch.ones(len(readers.names)))
        # As many dimensions as signals and more: everything is read, of all that is below as well.
        read = network.W_U(streams[l + 1])[:, : len(network.reads(l)) + len(readers.names)]
        truth = torch.cat([network.truth_below(drawn, l), drawn.truth[l]], 1)
        assert torch.equal((read > 0.5).float(), truth)
        below = network.read_below(drawn.inputs)[l]
        torch.testing.assert_close(below, network.truth_below(drawn, l), atol=0.05, rtol=0)
        # What the layer adds lies along the directions of its signals, as much as its neurons say.
        direction, estimate = network.write_factors(l)
        assert torch.equal(direction.T, written.vectors)
        assert torch.equal(estimate, network.directions(l, "reader", at="neurons").vectors)
        torch.testing.assert_close(direction @ estimate, network.layers[l].mlp_out.weight.detach(), atol=1e-5, rtol=0)
        effect = network.feature_vectors(l, n=3000)
        on = drawn.truth[l][:, 0] == 1
        moved = streams[l + 1][on].mean(0) - streams[l + 1][~on].mean(0)
        torch.testing.assert_close(effect[0], moved.detach(), atol=1e-5, rtol=1e-5)
        assert network.directions(l, at="neurons", n=3000).vectors.shape[1] == 40
        assert network.directions(l, "embedding", at="neurons").names == network.reads(l)
    # One feature more moves the stream by its embedding, and the neurons by what they read of that.
    x = torch.zeros(2, 8)
    x[1, 2] = 1
    entering = network.streams(x)[0].detach()
    torch.testing.assert_close(entering[1] - entering[0], network.directions(0, "embedding", of="features").vectors[2])
    before = network.layers[0].mlp_in(entering).detach()
    embedding = network.directions(0, "embedding", of="features", at="neurons").vectors[2]
    torch.testing.assert_close(before[1] - before[0], embedding)
    with pytest.warns(superpose.SuperposeWarning, match="only what it adds"):
        generator, feature_dict = superpose.ground_truth(network, "mid", kind="embedding", n=500)
    batch = generator(40)
    assert feature_dict.names == ["odd", "calm"]
    assert torch.equal(feature_dict(batch), network.streams(batch.inputs)[2])
    with pytest.raises(ValueError, match='ask at="stream"'):
        network.directions(0, "reader", of="features", at="neurons")
    with pytest.raises(ValueError, match="no directions at='stream'"):
        superpose.compile(TWO_LAYERS, O=1).directions(0, at="stream")


def test_effects_of_what_was_never_seen_are_nan():
    with pytest.warns(superpose.SuperposeWarning, match="gate `never` is always off"):
        source = "feature x[4]; sample { choose 1 of x; } never = x[0] & x[1]; is = x[2] | x[3];"
        network = superpose.compile(source, O=1)
    with pytest.warns(superpose.SuperposeWarning, match="1 of 2 signals were never on"):
        assert network.directions(0).vectors.isnan().all(1).tolist() == [True, False]
        _, feature_dict = superpose.ground_truth(network)
    assert feature_dict.names == ["is"]


def test_batches_carry_the_inputs_that_they_are_true_of():
    network = superpose.compile(TWO_LAYERS, O=1)
    generator, feature_dict = superpose.ground_truth(network, 0, n=500)
    generator._pool = 64
    first, second = generator(50), generator.sample(50)
    assert first.shape == (50, len(feature_dict.names)) and not torch.equal(first.inputs, second.inputs)
    assert torch.equal(feature_dict(second), network.activations(second.inputs)[0])
    assert torch.equal(first[:, 0], first.inputs[:, 0] * first.inputs[:, 1])
    with pytest.raises(ValueError, match="carries no inputs"):
        feature_dict(first * 2)


def test_errors_are_the_compilers():
    with pytest.raises(superpose.SuperposeError, match=r"error\[index-out-of-range\]: index 9 is out of range"):
        superpose.compile("feature x[4]; g = x[0] & x[9];")
    with pytest.raises(superpose.SuperposeError, match="a layer has at least 1 neuron"):
        superpose.compile(TWO_LAYERS, width=0)
    with pytest.raises(superpose.SuperposeError, match="cannot read `nowhere.circ`"):
        superpose.compile("nowhere.circ")
    with pytest.warns(superpose.SuperposeWarning, match="missed"):
        source = "feature x[40]; sample { choose 3 of x; } g[i] = all(pick(2, x)) for i in 0..90;"
        superpose.compile(source, O=0, width=3)


def test_options_are_those_of_the_binary():
    network = superpose.compile(TWO_LAYERS, O=1, width={"top": 9}, seed=4)
    assert network.layers[1].linear.out_features == 9


def test_neurons_that_are_no_relus_are_refused():
    text = "feature t[4]; sample { choose 1 of t; } next[k] = t[k] for k in 0..4; network { activation linear; }"
    with pytest.raises(superpose.SuperposeError, match="layers.0 is linear, and this module runs ReLUs alone"):
        superpose.compile(text, O=1)


def test_what_is_no_network_is_refused(tmp_path):
    (tmp_path / "a.circ").write_text("feature x;")
    with pytest.raises(superpose.SuperposeError, match="superpose.compile"):
        superpose.load(tmp_path / "a.circ")
    safetensors.torch.save_file({"w": torch.zeros(2)}, tmp_path / "w.safetensors")
    with pytest.raises(superpose.SuperposeError, match="no network of superpose"):
        superpose.load(tmp_path / "w.safetensors")
    network = superpose.compile(TWO_LAYERS, O=1)
    with pytest.raises(ValueError, match="has no layer `middle`; it has"):
        network.signals("middle")
    with pytest.raises(ValueError, match="inputs have 7 columns"):
        network(torch.zeros(1, 7))


def test_the_binary_is_the_one_that_is_named(monkeypatch):
    monkeypatch.setenv("SUPERPOSE", "/nowhere/superpose")
    with pytest.raises(superpose.SuperposeError, match="SUPERPOSE names /nowhere/superpose"):
        superpose.compile(TWO_LAYERS)
