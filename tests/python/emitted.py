"""Holds net.onnx and net.npz of a folder against net.safetensors and the read-offs that superpose found.

inputs.json lists the features that are on, input by input; expected.{l}.f32 is what was read off layer l, input by
input. Prints the largest difference, and the largest read-off. Knows the README, nothing of superpose.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import load_file

folder = Path(sys.argv[1])
model = onnx.load(folder / "net.onnx")
onnx.checker.check_model(model, full_check=True)
assert {node.op_type for node in model.graph.node} <= {"Gemm", "Relu", "Mul"}

with safe_open(folder / "net.safetensors", "np") as file:
    metadata = file.metadata()["superpose"]
tensors = load_file(folder / "net.safetensors")

with np.load(folder / "net.npz", allow_pickle=False) as arrays:
    assert set(arrays.files) == {*tensors, "superpose"}
    assert str(arrays["superpose"]) == metadata
    for name, tensor in tensors.items():
        assert arrays[name].dtype == tensor.dtype and np.array_equal(arrays[name], tensor), name

names = json.loads(metadata)


def dictionary():
    """What features enter by, of a network that stores some: [coordinates, features]."""
    for name in ("input.dictionary", "W_E"):
        if name in tensors:
            return tensors[name]
    indptr, indices, values = (tensors[f"input.dictionary.{part}"] for part in ("indptr", "indices", "values"))
    dense = np.zeros((len(indptr) - 1, len(names["features"])), np.float32)
    dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
    return dense


inputs = json.loads((folder / "inputs.json").read_text())
x = np.zeros((len(inputs), len(names["features"])), np.float32)
for row, on in zip(x, inputs):
    row[on] = 1

session = onnxruntime.InferenceSession(folder / "net.onnx", providers=["CPUExecutionProvider"])
[given] = session.get_inputs()
assert given.name == "features" and given.shape == ["batch", x.shape[1]]
said = session.get_modelmeta().custom_metadata_map
assert said["superpose"] == metadata
outputs = session.get_outputs()
heads = [f"heads.{h}.{side}" for h in range(len(names.get("heads", []))) for side in ("keys", "queries")]
layers = [f"layers.{l}.readoffs" for l in range(len(names["layers"]))]
assert [output.name for output in outputs] == layers + heads
difference, largest = 0.0, 0.0
read = session.run(None, {"features": x})
for name, found in zip(heads, read[len(layers) :]):
    factor = tensors[name.replace("keys", "W_K").replace("queries", "W_Q")]
    expected = x @ dictionary().T @ factor.T
    difference = max(difference, float(np.abs(found - expected).max()))
    largest = max(largest, float(np.abs(expected).max()))
for l, readoffs in enumerate(read[: len(layers)]):
    assert outputs[l].shape == ["batch", len(names["layers"][l]["signals"])]
    threshold = np.array(json.loads(said[f"layers.{l}.threshold"]), np.float32)
    assert np.array_equal(threshold, tensors[f"layers.{l}.threshold"])
    expected = np.fromfile(folder / f"expected.{l}.f32", "<f4").reshape(readoffs.shape)
    difference = max(difference, float(np.abs(readoffs - expected).max()))
    largest = max(largest, float(np.abs(expected).max()))
print(difference, largest)
