"""Has Marabou, a verifier of neural networks, answer what `superpose export --to vnnlib` asks, and checks its answers.

    cargo build --release
    python3.11 -m venv /tmp/peers
    /tmp/peers/bin/pip install maraboupy==2.0.0 vnnlib==1.0.2 onnx onnxruntime
    /tmp/peers/bin/python tests/bench/peers/ask_marabou.py

A dozen pairs of eight features, at most two of them on, are compiled at two widths: one with a neuron for every pair,
one with fewer. Marabou reads ONNX and VNN-LIB 1.0 itself; it knows nothing of superpose. Of each network:

- every model passes onnx.checker, and every question of VNN-LIB 2.0 the parser and type checker of its standard;
- what Marabou finds (`sat`) is rounded to 0 and 1 and typed into `superpose eval --inputs`, which must read the gate
  wrong on it; onnxruntime must find the question answered by it;
- a gate that Marabou finds nothing against (`unsat`) must be proved by `superpose verify`, and one that it refutes must
  be refuted.
"""

import argparse
import collections
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import vnnlib

HERE = pathlib.Path(__file__).resolve().parent

parser = argparse.ArgumentParser()
parser.add_argument("--superpose", default=HERE.parents[2] / "target" / "release" / "superpose")
parser.add_argument("--marabou", default=pathlib.Path(sys.executable).parent / "Marabou")
parser.add_argument("--widths", type=int, nargs="+", default=[12, 6])
parser.add_argument("--timeout", type=int, default=60)
options = parser.parse_args()

N_FEATURES = 8
CIRCUIT = """circuit dozen;
feature x[8];
sample { choose 0..=2 of x; }
near[i] = x[i] & x[(i + 1) % 8] for i in 0..8;
far[i] = x[i] & x[i + 4] for i in 0..4;
network { optimize 1; }
"""


def superpose(*arguments: object, may_fail: bool = False) -> str:
    """What it prints."""
    ran = subprocess.run([options.superpose, *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0 and not may_fail:
        sys.exit(ran.stderr)
    return ran.stdout


def ask(model: pathlib.Path, question: pathlib.Path) -> tuple[str, np.ndarray | None]:
    """The answer of Marabou: `sat` with an input, `unsat`, or whatever else it says."""
    command = [options.marabou, model, question, f"--timeout={options.timeout}", "--verbosity=0"]
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True).stdout
    found = re.findall(r"^\s*x(\d+) = (\S+)$", said, re.MULTILINE)
    answer = re.findall(r"^(sat|unsat|unknown|timeout)$", said, re.MULTILINE | re.IGNORECASE)
    if not answer:
        sys.exit(f"{question}: Marabou answers\n{said}")
    return answer[-1].lower(), np.array([float(value) for _, value in found]) if answer[-1] == "sat" else None


def is_answered(question: str, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether all bounds of a question, each in a line of its own, hold."""
    values = {"X": x, "Y": y}
    for sign, tensor, index, bound in re.findall(r"\(assert \((<=|>=) ([XY])_(\d+) (\S+?)\)\)", question):
        value = values[tensor][int(index)]
        if not (value <= float(bound) if sign == "<=" else value >= float(bound)):
            return False
    return True


def gate_of(question: pathlib.Path) -> str:
    """`3_near_3_0_off`: number, name, case, value."""
    name, index = question.stem.split("_")[1:3]
    return f"{name}[{index}]"


def reads_wrong(net: pathlib.Path, folder: pathlib.Path, x: np.ndarray, gate: str) -> bool:
    rows = folder / "rows.csv"
    rows.write_text(",".join(f"x[{i}]" for i in range(N_FEATURES)) + "\n" + ",".join(str(int(value)) for value in x) + "\n")
    report = json.loads(superpose("eval", net, "--inputs", rows, "--gates", "--json"))
    return next(found for found in report["gates"] if found["name"] == gate)["wrong"] == 1


def check(width: int, folder: pathlib.Path) -> None:
    circuit, net, out = folder / "dozen.circ", folder / f"{width}.safetensors", folder / str(width)
    circuit.write_text(CIRCUIT)
    superpose("compile", circuit, "-O1", "--width", width, "-o", net, "--quiet")
    superpose("export", net, "--to", "vnnlib", "-o", out, "--quiet")
    for model in out.glob("*/onnx/*.onnx"):
        onnx.checker.check_model(onnx.load(model), full_check=True)
    for question in (out / "2.0" / "vnnlib").glob("*.vnnlib"):
        vnnlib.parse_query_file(str(question))

    answers: dict[str, list[str]] = collections.defaultdict(list)
    started = time.monotonic()
    for model, question, _ in csv.reader((out / "1.0" / "instances.csv").open()):
        model, question = out / "1.0" / model, out / "1.0" / question
        answer, found = ask(model, question)
        gate = gate_of(question)
        answers[gate].append(answer)
        if found is not None:
            x = found.round()
            assert np.abs(found - x).max() < 1e-4, f"{question}: {found} is not Boolean"
            y = onnxruntime.InferenceSession(model).run(None, {"X": x[None].astype(np.float32)})[0][0]
            assert is_answered(question.read_text(), x, y), f"{question}: {x} does not answer it: {y}"
            assert reads_wrong(net, folder, x, gate), f"{question}: superpose reads {gate} right on {x}"
    seconds = time.monotonic() - started

    for gate, of_gate in answers.items():
        proof = json.loads(superpose("verify", net, "--gate", gate, "--json", may_fail=True))
        expected = "refuted" if "sat" in of_gate else "proved" if set(of_gate) == {"unsat"} else proof["status"]
        assert proof["status"] == expected, f"{gate}: Marabou {of_gate}, superpose {proof['status']}"
    counted = collections.Counter(answer for of_gate in answers.values() for answer in of_gate)
    proved = sum(set(of_gate) == {"unsat"} for of_gate in answers.values())
    shown = ", ".join(f"{n} {answer}" for answer, n in sorted(counted.items()))
    print(f"{width} neurons: {shown}; {proved} of {len(answers)} gates proved, as superpose says; {seconds:.1f} s")


with tempfile.TemporaryDirectory() as place:
    for width in options.widths:
        check(width, pathlib.Path(place))
