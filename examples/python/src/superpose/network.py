"""A compiled network as a plain `nn.Module`: its weights, its names, its truth, its directions.

Shapes are in brackets. Signals are what a layer reads off: its gates, and what it carries for the layers above. All
are as written: where the file stores a complement (`!name`), signs are turned here, and 1 is on.
"""

from __future__ import annotations

import json
import warnings
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy
import torch
from torch import Tensor, nn

from superpose import binary

Kind = Literal["reader", "embedding", "effect"]
At = Literal["neurons", "stream"]


class Directions(NamedTuple):
    """Named vectors in the space of a layer's neurons, or of the stream above it."""

    names: list[str]
    """Of the rows."""
    vectors: Tensor
    """[names, neurons], or [names, d]."""


class Sample(NamedTuple):
    """Inputs, and what is true of them."""

    inputs: Tensor
    """[n, features], 0 or 1, float32: what a network takes."""
    truth: list[Tensor]
    """By layer [n, signals], 0 or 1, float32: what its read-offs should be."""


class Layer(nn.Module):
    """h = relu(W h_below + b), and what its signals are read as: R h + r."""

    def __init__(self, n_below: int, n_neurons: int, n_signals: int) -> None:
        super().__init__()
        self.linear = nn.Linear(n_below, n_neurons)
        self.relu = nn.ReLU()
        self.readoff = nn.Linear(n_neurons, n_signals)
        self.threshold: Tensor
        self.compute: Tensor
        self.decompress: Tensor
        self.register_buffer("threshold", torch.zeros(n_signals))

    def forward(self, below: Tensor) -> Tensor:
        """Activations after the ReLU: [batch, neurons below] to [batch, neurons]."""
        return self.relu(self.linear(below))


class ResidualLayer(nn.Module):
    """x + W_out h + b_out, h = relu(W_in x + b): a layer that reads a stream and adds to it."""

    def __init__(self, n_dimensions: int, n_neurons: int, n_signals: int) -> None:
        super().__init__()
        self.mlp_in = nn.Linear(n_dimensions, n_neurons)
        self.relu = nn.ReLU()
        self.mlp_out = nn.Linear(n_neurons, n_dimensions)
        self.threshold: Tensor
        self.compute: Tensor
        self.direction: Tensor | None
        self.estimate: Tensor | None
        self.register_buffer("threshold", torch.zeros(n_signals))

    def neurons(self, stream: Tensor) -> Tensor:
        """Activations after the ReLU: [batch, d] to [batch, neurons]."""
        return self.relu(self.mlp_in(stream))

    def forward(self, stream: Tensor) -> Tensor:
        """The stream above: [batch, d] to [batch, d]."""
        return stream + self.mlp_out(self.neurons(stream))


class Network(nn.Module):
    """A network in superposition. Made by `load` and `compile`.

    Modules: `dictionary` (Φ, or the identity where features enter one coordinate each), and for each layer
    `layers.L.linear`, `layers.L.relu` and `layers.L.readoff`. Of a `ResidualNetwork` they are others.
    """

    spaces: tuple[At, ...] = ("neurons",)
    """Where its signals have directions; the first where nobody says."""

    def __init__(self, file: bytes) -> None:
        """`file` is a whole `.safetensors` as `superpose compile` writes it."""
        super().__init__()
        tensors, said = _parse(file)
        self._file = file
        """What the binary draws samples of; later changes of the weights do not change it."""
        self.name: str = said["circuit"]
        self.features: list[str] = said["features"]
        """Names of the columns of an input."""
        self.gates: list[dict[str, Any]] = said.get("gates", [])
        """What each gate computes: name, kind, operands as written, count where the kind has one."""
        self.is_fitted: bool = said["opt_level"] == 2
        self.layer_names: list[str] = [layer["name"] for layer in said["layers"]]
        self._signals = [[name.removeprefix("!") for name in layer["signals"]] for layer in said["layers"]]

        signs = [torch.tensor([-1.0 if s[0] == "!" else 1.0 for s in layer["signals"]]) for layer in said["layers"]]
        self._build(tensors, signs, "dictionary" in said)

    def _build(self, tensors: dict[str, np.ndarray], signs: list[Tensor], is_stored: bool) -> None:
        """Makes modules of tensors; `signs`, by layer, are −1 for a signal whose complement is stored."""
        self.dictionary: nn.Module = nn.Identity()
        if is_stored:
            self.dictionary = _linear(_dense(tensors, "input.dictionary", len(self.features)))
        self.layers = nn.ModuleList()
        for l, sign in enumerate(signs):
            weight, bias, r, threshold = _plain(tensors, l, "weight", "bias", "readoff_bias", "threshold")
            readoff = _dense(tensors, f"layers.{l}.readoff", len(bias))
            layer = Layer(weight.shape[1], len(bias), len(sign))
            layer.linear = _linear(weight, bias)
            layer.readoff = _linear(sign[:, None] * readoff, _written(sign, r))
            layer.threshold = _written(sign, threshold)
            below = signs[l - 1] if l else torch.ones(len(self.features))
            compute = below * _dense(tensors, f"layers.{l}.compute", len(below))
            decompress = self.layers[l - 1].readoff.weight.detach().clone() if l else torch.eye(len(below))
            if _has(tensors, f"layers.{l}.decompress"):
                decompress = below[:, None] * _dense(tensors, f"layers.{l}.decompress", weight.shape[1])
            layer.register_buffer("compute", compute, persistent=False)
            layer.register_buffer("decompress", decompress, persistent=False)
            self.layers.append(layer)

    # Running it

    def forward(self, x: Tensor) -> Tensor:
        """What the signals of the last layer are read as: [batch, features] to [batch, signals].

        Near 1 is on, near 0 off; `threshold` says where the line lies. Gates of lower layers: see `readoffs`.
        """
        return self.readoffs(x)[-1]

    def activations(self, x: Tensor) -> list[Tensor]:
        """After the ReLU, by layer: [batch, features] to [batch, neurons]."""
        self._check(x)
        h, found = self.dictionary(x), []
        for layer in self.layers:
            h = layer(h)
            found.append(h)
        return found

    def below(self, x: Tensor) -> list[Tensor]:
        """What each layer multiplies by its weights: [batch, features] to [batch, neurons below]."""
        return [self.dictionary(x), *self.activations(x)[:-1]]

    def readoffs(self, x: Tensor) -> list[Tensor]:
        """What all signals are read as, by layer: [batch, features] to [batch, signals]."""
        return [layer.readoff(h) for layer, h in zip(self.layers, self.activations(x))]

    # What things are called, and how they are read

    def signals(self, layer: int | str = -1) -> list[str]:
        """Names of a layer's signals, as written."""
        return self._signals[self._index(layer)]

    def reads(self, layer: int | str = -1) -> list[str]:
        """Names of what a layer reads: the features, or the signals of the layer below."""
        l = self._index(layer)
        return self._signals[l - 1] if l else self.features

    def threshold(self, layer: int | str = -1) -> Tensor:
        """A signal is on where its read-off exceeds this: [signals]."""
        return self.layers[self._index(layer)].threshold

    def read_off(self, layer: int | str = -1) -> tuple[Tensor, Tensor]:
        """R [signals, neurons] and r [signals]: what is read is R h + r."""
        readoff = self.layers[self._index(layer)].readoff
        return readoff.weight, readoff.bias

    def factors(self, layer: int | str) -> tuple[Tensor, Tensor]:
        """C [neurons, reads] and D [reads, neurons below] with W = C D, named by `reads` on their shared axis.

        C says what a neuron computes of the signals below, D how they are read back from the neurons below.
        """
        of = self.layers[self._index(layer)]
        return of.compute, of.decompress

    def read_below(self, x: Tensor) -> list[Tensor]:
        """What D makes of what each layer reads, [batch, features] to [batch, reads]: how much of each signal is there.

        W = C D is a sum of one part for each of these signals, and so much of the part is active: near 1, or near 0.
        """
        found = self.below(x)
        biases = [0.0, *(layer.readoff.bias for layer in self.layers)]
        return [below @ layer.decompress.T + bias for below, layer, bias in zip(found, self.layers, biases)]

    # Truth

    def truth_below(self, drawn: Sample, layer: int | str) -> Tensor:
        """The truth of what a layer reads: [n, reads], 0 or 1."""
        l = self._index(layer)
        return drawn.truth[l - 1] if l else drawn.inputs

    def sample(self, n: int, seed: int = 0) -> Sample:
        """n inputs of the circuit's own distribution, with the truth of every signal: those of `superpose sample`."""
        lines = binary.run(["sample", "-", "--json", "-n", str(n), "--seed", str(seed)], self._file).splitlines()
        columns = {name: column for column, name in enumerate(self._all_names())}
        truth = np.zeros((len(lines), len(columns)), np.float32)
        for row, line in zip(truth, lines):
            on = json.loads(line)
            row[[columns[name] for name in on["features_on"] + on["gates_on"]]] = 1
        every = torch.from_numpy(truth).to(next(self.parameters()).device)
        return Sample(
            every[:, : len(self.features)].contiguous(),
            [every[:, [columns[name] for name in names]] for names in self._signals],
        )

    # Directions

    def directions(
        self,
        layer: int | str = -1,
        kind: Kind = "effect",
        *,
        of: Literal["signals", "features"] = "signals",
        at: At | None = None,
        n: int = 20_000,
        seed: int = 0,
    ) -> Directions:
        """Directions in the neurons of a layer, of length as they come; see `ResidualNetwork` for those in a stream.

        - `reader`: the row of R by which a signal is read; what a probe should find.
        - `embedding`: what a signal *below* (see `reads`) adds to the neurons before their ReLU: a column of C, or of
          W Φ in the first layer.
        - `effect`: the mean activations where a signal is on, less those where it is off, of `n` inputs drawn with
          `seed`; what moves with it, signals that come with it as well. With `of="features"`, of the inputs. Rows of
          signals that were never on, or never off, are NaN, with a warning.
        """
        l, at = self._index(layer), self._at(at)
        if of not in ("signals", "features"):
            raise ValueError(f'of={of!r}: say "signals" or "features"')
        if kind not in ("reader", "embedding", "effect"):
            raise ValueError(f'kind={kind!r}: say "reader", "embedding" or "effect"')
        if kind == "effect":
            return self._effects(l, of, at, n, seed)
        return self._weights(l, kind, of, at)

    def _weights(self, l: int, kind: str, of: str, at: At) -> Directions:
        """Those that are weights."""
        if of == "features" and not (kind == "embedding" and l == 0):
            raise ValueError(f'features have no {kind} in layer {l}: ask for kind="effect"')
        if kind == "reader":
            return Directions(self.signals(l), self.layers[l].readoff.weight.detach())
        if l == 0:
            entering = self.dictionary(torch.eye(len(self.features), device=self.layers[0].linear.weight.device))
            return Directions(self.features, (entering @ self.layers[0].linear.weight.T).detach())
        return Directions(self.reads(l), self.layers[l].compute.T)

    def feature_vectors(
        self, layer: int | str = -1, *, at: At | None = None, n: int = 20_000, seed: int = 0
    ) -> Tensor:
        """The effects of a layer's signals: [signals, neurons]. See `directions`."""
        return self.directions(layer, at=at, n=n, seed=seed).vectors

    def hidden(self, x: Tensor, at: At | None = None) -> list[Tensor]:
        """By layer, where its directions are: [batch, features] to [batch, neurons], or [batch, d] of a stream."""
        return self.activations(x) if self._at(at) == "neurons" else self.streams(x)[1:]

    @torch.no_grad()
    def _effects(self, l: int, of: str, at: At, n: int, seed: int) -> Directions:
        names = self.signals(l) if of == "signals" else self.features
        drawn = self.sample(n, seed)
        h = self.hidden(drawn.inputs, at)[l].double()
        truth = (drawn.truth[l] if of == "signals" else drawn.inputs).double()
        n_on = truth.sum(0)[:, None]
        on = truth.T @ h
        effects = (on / n_on - (h.sum(0) - on) / (len(h) - n_on)).float()
        never = int((~effects.isfinite().all(1)).sum())
        if never:
            effects[~effects.isfinite().all(1)] = torch.nan
            text = f"{never} of {len(names)} {of} were never on, or never off, in {n} inputs: their effects are NaN"
            warnings.warn(text + "; ask for more, n=…", binary.SuperposeWarning, stacklevel=3)
        return Directions(names, effects)

    # The rest

    def _check(self, x: Tensor) -> None:
        if x.shape[-1] != len(self.features):
            raise ValueError(f"inputs have {x.shape[-1]} columns, and {self.name} {len(self.features)} features")

    def _at(self, at: At | None) -> At:
        if at is not None and at not in self.spaces:
            raise ValueError(f"{self.name} has no directions at={at!r}: say one of {', '.join(self.spaces)}")
        return at or self.spaces[0]

    def _index(self, layer: int | str) -> int:
        if isinstance(layer, str):
            if layer not in self.layer_names:
                raise ValueError(f"{self.name} has no layer `{layer}`; it has {', '.join(self.layer_names)}")
            return self.layer_names.index(layer)
        if not -len(self.layers) <= layer < len(self.layers):
            raise ValueError(f"{self.name} has no layer {layer}; it has {len(self.layers)}")
        return layer % len(self.layers)

    def _all_names(self) -> list[str]:
        return list(dict.fromkeys(self.features + [name for names in self._signals for name in names]))

    def extra_repr(self) -> str:
        return f"{self.name}: {len(self.features)} features, {len(self.gates)} gates"


class ResidualNetwork(Network):
    """A network whose layers read a stream and add to it: `network { residual 256; }`.

    Modules: `W_E` (features to x_0), `W_U` (a stream to what all signals are read as, features first, then gates layer
    by layer, see `unembedded`), and for each layer `layers.L.mlp_in`, `layers.L.relu` and `layers.L.mlp_out`.

    `directions`, `read_off` and `feature_vectors` are of the stream above a layer unless `at="neurons"`:

    - `reader`: the row of W_U by which a signal is read; with `of="features"` that of an input, the same in all layers.
      In the neurons, the row of R: what they say of the signal that is then written.
    - `embedding`: the direction along which a signal of the layer is written, a column of Φ; with `of="features"` a
      column of W_E. In the neurons, what a signal below adds to them before their ReLU, a column of C; with
      `of="features"` of W_in W_E.
    - `effect`: as of any network.
    """

    spaces = ("stream", "neurons")

    def _build(self, tensors: dict[str, np.ndarray], signs: list[Tensor], is_stored: bool) -> None:
        n_features = len(self.features)
        every = torch.cat([torch.ones(n_features), *signs])
        self.W_E = _linear(_dense(tensors, "W_E", n_features))
        n_dimensions = self.W_E.out_features
        unembedding = torch.from_numpy(tensors["W_U"].astype(np.float32))
        biases = [_plain(tensors, l, "readoff_bias")[0] for l in range(len(signs))]
        self.W_U = _linear(every[:, None] * unembedding, _written(every, torch.cat([torch.zeros(n_features), *biases])))
        self.layers = nn.ModuleList()
        self._rows: list[slice] = []
        first = n_features
        for l, sign in enumerate(signs):
            reads, bias, writes, offset, threshold = _plain(
                tensors, l, "W_in", "bias", "W_out", "b_out", "threshold"
            )
            layer = ResidualLayer(n_dimensions, len(bias), len(sign))
            layer.mlp_in, layer.mlp_out = _linear(reads, bias), _linear(writes, offset)
            layer.threshold = _written(sign, threshold)
            compute = every[:first] * _dense(tensors, f"layers.{l}.compute", first)
            direction, estimate = None, None
            if _has(tensors, f"layers.{l}.direction"):
                direction = sign * _dense(tensors, f"layers.{l}.direction", len(sign))
                estimate = sign[:, None] * _dense(tensors, f"layers.{l}.estimate", len(bias))
            for name, factor in (("compute", compute), ("direction", direction), ("estimate", estimate)):
                layer.register_buffer(name, factor, persistent=False)
            self.layers.append(layer)
            self._rows.append(slice(first, first + len(sign)))
            first += len(sign)

    @property
    def unembedded(self) -> list[str]:
        """Names of the rows of `W_U`."""
        return [*self.features, *(name for names in self._signals for name in names)]

    def streams(self, x: Tensor) -> list[Tensor]:
        """x_0, and the stream above each layer: [batch, features] to [batch, d]."""
        self._check(x)
        found = [self.W_E(x)]
        for layer in self.layers:
            found.append(layer(found[-1]))
        return found

    def activations(self, x: Tensor) -> list[Tensor]:
        return [layer.neurons(stream) for layer, stream in zip(self.layers, self.streams(x))]

    def below(self, x: Tensor) -> list[Tensor]:
        return self.streams(x)[:-1]

    def readoffs(self, x: Tensor) -> list[Tensor]:
        return [self.W_U(stream)[:, rows] for stream, rows in zip(self.streams(x)[1:], self._rows)]

    def reads(self, layer: int | str = -1) -> list[str]:
        """Names of what a layer reads: the features, and the signals of all layers below."""
        return self.unembedded[: self._rows[self._index(layer)].start]

    def read_off(self, layer: int | str = -1) -> tuple[Tensor, Tensor]:
        """Rows of W_U [signals, d] and biases [signals]: what is read of the stream above the layer."""
        rows = self._rows[self._index(layer)]
        return self.W_U.weight[rows], self.W_U.bias[rows]

    def factors(self, layer: int | str) -> tuple[Tensor, Tensor]:
        """C [neurons, reads] and D [reads, d] with W_in = C D, named by `reads` on their shared axis."""
        l = self._index(layer)
        return self.layers[l].compute, self.W_U.weight[: self._rows[l].start].detach()

    def write_factors(self, layer: int | str) -> tuple[Tensor, Tensor]:
        """Φ [d, signals] and R [signals, neurons] with W_out = Φ R, named by `signals` on their shared axis.

        R says what the neurons make of each signal of the layer, Φ along which direction it is written. At `-O2` that is
        what the layer adds to what is read of the signal already, by features and lower layers.
        """
        of = self.layers[self._index(layer)]
        if of.direction is None or of.estimate is None:
            raise ValueError(f"the file of {self.name} does not say which signal is written along which direction")
        return of.direction, of.estimate

    def read_below(self, x: Tensor) -> list[Tensor]:
        return [self.W_U(stream)[:, : rows.start] for stream, rows in zip(self.below(x), self._rows)]

    def truth_below(self, drawn: Sample, layer: int | str) -> Tensor:
        return torch.cat([drawn.inputs, *drawn.truth[: self._index(layer)]], 1)

    def _weights(self, l: int, kind: str, of: str, at: At) -> Directions:
        names = self.signals(l) if of == "signals" else self.features
        if at == "stream" and kind == "reader":
            rows = self._rows[l] if of == "signals" else slice(0, len(self.features))
            return Directions(names, self.W_U.weight[rows].detach())
        if at == "stream":
            if of == "signals" and self.is_fitted:
                text = 'at -O2 a layer adds to what is read already: embeddings are only what it adds; see "effect", "reader"'
                warnings.warn(text, binary.SuperposeWarning, stacklevel=3)
            columns = self.write_factors(l)[0] if of == "signals" else self.W_E.weight.detach()
            return Directions(names, columns.T)
        if kind == "reader" and of == "features":
            raise ValueError(f'no neuron of layer {l} says what features are: ask at="stream", or for kind="effect"')
        if kind == "reader":
            return Directions(names, self.write_factors(l)[1])
        if of == "features":
            return Directions(names, (self.layers[l].mlp_in.weight @ self.W_E.weight).T.detach())
        return Directions(self.reads(l), self.layers[l].compute.T)


def load(path: str | PathLike[str]) -> Network:
    """The network of a `.safetensors` that `superpose compile` wrote."""
    return _network(Path(path).read_bytes())


def compile(source: str | PathLike[str], **options: Any) -> Network:
    """Compiles a circuit: the path of a `.circ`, or its text (a string with a `;` in it).

    Options are those of `superpose compile` (`superpose help compile` lists them): `width=64` is `--width 64`,
    `width={"detect": 96}` is `--width detect=96`, `width=[8, "detect=96"]` is given twice, `prove=True` is `--prove`,
    `O=1` is `-O1`; a word of Python's has a `_` behind it, `from_="net.safetensors"`.

    Raises `SuperposeError` with the compiler's own message. A network that misses its goal comes with a
    `SuperposeWarning`.
    """
    arguments = ["compile"]
    for name, value in options.items():
        flag = f"-{name}" if len(name) == 1 else f"--{name.rstrip('_').replace('_', '-')}"
        if isinstance(value, dict):
            value = [f"{key}={one}" for key, one in value.items()]
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                arguments.append(flag)
            elif one is not False and one is not None:
                arguments += [f"{flag}{one}"] if len(name) == 1 else [flag, str(one)]
    is_text = isinstance(source, str) and ";" in source
    arguments += ["--output", "-", "-" if is_text else str(source)]
    return _network(binary.run(arguments, str(source).encode() if is_text else b""))


def _network(file: bytes) -> Network:
    """Of the kind that the file is of."""
    return ResidualNetwork(file) if "W_E" in _parse(file)[0] else Network(file)


def _parse(file: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The tensors and the names of a file."""
    try:
        tensors = safetensors.numpy.load(file)
        header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
        said = json.loads(header["__metadata__"]["superpose"])
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise binary.SuperposeError(
            f"no network of superpose ({type(error).__name__}: {error}): give a .safetensors that `superpose compile` "
            "wrote, with the metadata that it came with; a .circ is for superpose.compile"
        ) from error
    for l, layer in enumerate(said["layers"]):
        if activation := layer.get("activation"):
            raise binary.SuperposeError(
                f"layers.{l} is {activation}, and this module runs ReLUs alone: `superpose compile FILE -o net.onnx` "
                "makes a graph that ONNX Runtime runs"
            )
        if f"layers.{l}.{'W_in' if 'W_E' in tensors else 'weight'}" not in tensors:
            raise binary.SuperposeError(f"layers.{l} is of a kind that this module does not run: it has no weight")
    if heads := [head["name"] for head in said.get("heads", [])]:
        left_out = f"attention heads are left out: {', '.join(heads)}; their `W_Q` and `W_K` are tensors of the file"
        if not said["layers"]:
            raise binary.SuperposeError(f"there is no layer to run, and {left_out}")
        warnings.warn(left_out, stacklevel=2)
    return tensors, said


def _has(tensors: dict[str, np.ndarray], name: str) -> bool:
    return name in tensors or f"{name}.indptr" in tensors


def _dense(tensors: dict[str, np.ndarray], name: str, n_columns: int) -> Tensor:
    """A matrix that may be sparse by rows: [rows, n_columns]."""
    if name in tensors:
        return torch.from_numpy(tensors[name].astype(np.float32))
    indptr, indices, values = (tensors[f"{name}.{part}"] for part in ("indptr", "indices", "values"))
    dense = np.zeros((len(indptr) - 1, n_columns), np.float32)
    dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
    return torch.from_numpy(dense)


def _plain(tensors: dict[str, np.ndarray], layer: int, *names: str) -> list[Tensor]:
    """Tensors of a layer that are never sparse."""
    return [torch.from_numpy(tensors[f"layers.{layer}.{name}"].astype(np.float32)) for name in names]


def _linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    linear.weight = nn.Parameter(weight.clone())
    if bias is not None:
        linear.bias = nn.Parameter(bias.clone())
    return linear


def _written(sign: Tensor, value: Tensor) -> Tensor:
    """A value on the scale of read-offs, of the signal as written instead of as stored: v, or 1 − v."""
    return torch.where(sign > 0, value, 1 - value)
