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


class Directions(NamedTuple):
    """Named vectors in the space of a layer's neurons."""

    names: list[str]
    """Of the rows."""
    vectors: Tensor
    """[names, neurons]."""


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


class Network(nn.Module):
    """A network in superposition. Made by `load` and `compile`.

    Modules: `dictionary` (Φ, or the identity where features enter one coordinate each), and for each layer
    `layers.L.linear`, `layers.L.relu` and `layers.L.readoff`.
    """

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
        self.layer_names: list[str] = [layer["name"] for layer in said["layers"]]
        self._signals = [[name.removeprefix("!") for name in layer["signals"]] for layer in said["layers"]]

        signs = [torch.tensor([-1.0 if s[0] == "!" else 1.0 for s in layer["signals"]]) for layer in said["layers"]]
        self.dictionary: nn.Module = nn.Identity()
        if "dictionary" in said:
            self.dictionary = _linear(_dense(tensors, "input.dictionary", len(self.features)))
        self.layers = nn.ModuleList()
        for l, sign in enumerate(signs):
            weight = torch.from_numpy(tensors[f"layers.{l}.weight"].astype(np.float32))
            bias, r, threshold = (
                torch.from_numpy(tensors[f"layers.{l}.{part}"].astype(np.float32))
                for part in ("bias", "readoff_bias", "threshold")
            )
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
        if x.shape[-1] != len(self.features):
            raise ValueError(f"inputs have {x.shape[-1]} columns, and {self.name} {len(self.features)} features")
        h, found = self.dictionary(x), []
        for layer in self.layers:
            h = layer(h)
            found.append(h)
        return found

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

    # Truth

    def sample(self, n: int, seed: int = 0) -> Sample:
        """n inputs of the circuit's own distribution, with the truth of every signal: those of `superpose sample`."""
        lines = binary.run(["sample", "-", "--json", "-n", str(n), "--seed", str(seed)], self._file).splitlines()
        columns = {name: column for column, name in enumerate(self._all_names())}
        truth = np.zeros((len(lines), len(columns)), np.float32)
        for row, line in zip(truth, lines):
            on = json.loads(line)
            row[[columns[name] for name in on["features_on"] + on["gates_on"]]] = 1
        every = torch.from_numpy(truth).to(self.layers[0].linear.weight.device)
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
        n: int = 20_000,
        seed: int = 0,
    ) -> Directions:
        """Directions in the neurons of a layer, of length as they come.

        - `reader`: the row of R by which a signal is read; what a probe should find.
        - `embedding`: what a signal *below* (see `reads`) adds to the neurons before their ReLU: a column of C, or of
          W Φ in the first layer.
        - `effect`: the mean activations where a signal is on, less those where it is off, of `n` inputs drawn with
          `seed`; what moves with it, signals that come with it as well. With `of="features"`, of the inputs. Rows of
          signals that were never on, or never off, are NaN, with a warning.
        """
        l = self._index(layer)
        if of not in ("signals", "features"):
            raise ValueError(f'of={of!r}: say "signals" or "features"')
        if kind == "effect":
            return self._effects(l, of, n, seed)
        if of == "features" and not (kind == "embedding" and l == 0):
            raise ValueError(f'features have no {kind} in layer {l}: ask for kind="effect"')
        if kind == "reader":
            return Directions(self.signals(l), self.layers[l].readoff.weight.detach())
        if kind == "embedding":
            if l == 0:
                entering = self.dictionary(torch.eye(len(self.features), device=self.layers[0].linear.weight.device))
                return Directions(self.features, (entering @ self.layers[0].linear.weight.T).detach())
            return Directions(self.reads(l), self.layers[l].compute.T)
        raise ValueError(f'kind={kind!r}: say "reader", "embedding" or "effect"')

    def feature_vectors(self, layer: int | str = -1, *, n: int = 20_000, seed: int = 0) -> Tensor:
        """The effects of a layer's signals: [signals, neurons]. See `directions`."""
        return self.directions(layer, n=n, seed=seed).vectors

    @torch.no_grad()
    def _effects(self, l: int, of: str, n: int, seed: int) -> Directions:
        names = self.signals(l) if of == "signals" else self.features
        drawn = self.sample(n, seed)
        h = self.activations(drawn.inputs)[l].double()
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


def load(path: str | PathLike[str]) -> Network:
    """The network of a `.safetensors` that `superpose compile` wrote."""
    return Network(Path(path).read_bytes())


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
    return Network(binary.run(arguments, str(source).encode() if is_text else b""))


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
    for l in range(len(said["layers"])):
        if f"layers.{l}.weight" not in tensors:
            raise binary.SuperposeError(f"layers.{l} is of a kind that this module does not run: it has no weight")
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


def _linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    linear.weight = nn.Parameter(weight.clone())
    if bias is not None:
        linear.bias = nn.Parameter(bias.clone())
    return linear


def _written(sign: Tensor, value: Tensor) -> Tensor:
    """A value on the scale of read-offs, of the signal as written instead of as stored: v, or 1 − v."""
    return torch.where(sign > 0, value, 1 - value)
