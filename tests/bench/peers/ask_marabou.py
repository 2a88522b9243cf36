"""Has Marabou, a verifier of neural networks, answer what `superpose export --to vnnlib` asks, and checks its answers.

    cargo build --release
    python3.11 -m venv /tmp/peers
    /tmp/peers/bin/pip install maraboupy==2.0.0 vnnlib==1.0.2 onnx onnxruntime
    /tmp/peers/bin/python tests/bench/peers/ask_marabou.py

A dozen pairs of eight features are compiled to five neurons, for inputs with at most two features on, and asked about:
as they are, within an ε of the truth, and with one feature more on. Marabou reads ONNX and VNN-LIB 1.0 itself; it knows
nothing of superpose. Each time:

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
parser.add_argument("--width", default=5)
parser.add_argument("--residual", type=int, help="dimensions of a stream, to which layers add")
parser.add_argument("--timeout", type=int, default=60)
options = parser.parse_args()

ASKED: list[dict[str, str]] = [{}, {"--epsilon": "0.45"}, {"--support": "3"}, {"--support": "3", "--epsilon": "0.45"}]
N_FEATURES = 8
CIRCUIT = """circuit dozen;
feature x[8];
sample { choose 0..=2 of x; }
near[i] = x[i] & x[(i + 1) % 8] for i in 0..8;
far[i] = x[i] & x[i + 4] for i in 0..4;
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
    """Whether of each line one of its bounds holds."""
    values = {"X": x, "Y": y}

    def holds(sign: str, tensor: str, index: str, bound: str) -> bool:
        value = values[tensor][int(index)]
        return value <= float(bound) if sign == "<=" else value >= float(bound)

    lines = [line for line in question.splitlines() if line.startswith("(assert")]
    bounds = [re.findall(r"\((<=|>=) ([XY])_(\d+) ([^)]+)\)", line) for line in lines]
    return all(any(holds(*bound) for bound in of_line) for of_line in bounds)


def gate_of(question: pathlib.Path) -> str:
    """`3_near_3_0_off`: number, name, case, value."""
    name, index = question.stem.split("_")[1:3]
    return f"{name}[{index}]"


def reads_wrong(net: pathlib.Path, folder: pathlib.Path, x: np.ndarray, gate: str, epsilon: str | None) -> bool:
    """Whether superpose says so of an input that is typed in."""
    rows = folder / "rows.csv"
    lines = [[f"x[{i}]" for i in range(N_FEATURES)], [str(int(value)) for value in x]]
    rows.write_text("".join(",".join(line) + "\n" for line in lines))
    report = json.loads(superpose("eval", net, "--inputs", rows, "--gates", "--json"))
    found = next(found for found in report["gates"] if found["name"] == gate)
    return found["error_max"] >= float(epsilon) if epsilon else found["wrong"] == 1


def check(net: pathlib.Path, asked: dict[str, str], out: pathlib.Path) -> None:
    typed = [word for option in asked.items() for word in option]
    superpose("export", net, "--to", "vnnlib", "-o", out, "--quiet", *typed)
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
            is_wrong = reads_wrong(net, out, x, gate, asked.get("--epsilon"))
            assert is_wrong, f"{question}: superpose reads {gate} well on {x}"
    seconds = time.monotonic() - started

    for gate, of_gate in answers.items():
        proof = json.loads(superpose("verify", net, "--gate", gate, "--json", *typed, may_fail=True))
        expected = "refuted" if "sat" in of_gate else "proved" if set(of_gate) == {"unsat"} else proof["status"]
        assert proof["status"] == expected, f"{gate}: Marabou {of_gate}, superpose {proof['status']}"
    counted = collections.Counter(answer for of_gate in answers.values() for answer in of_gate)
    proved = sum(set(of_gate) == {"unsat"} for of_gate in answers.values())
    shown = ", ".join(f"{n} {answer}" for answer, n in sorted(counted.items()))
    what = " ".join(typed) or "as it is"
    print(f"{what}: {shown}; {proved} of {len(answers)} gates proved, the same by superpose; {seconds:.1f} s", flush=True)


with tempfile.TemporaryDirectory() as place:
    folder = pathlib.Path(place)
    circuit, net = folder / "dozen.circ", folder / "dozen.safetensors"
    circuit.write_text(CIRCUIT + (f"network {{ residual {options.residual}; }}\n" if options.residual else ""))
    superpose("compile", circuit, "--width", options.width, "-o", net, "--quiet")
    for number, asked in enumerate(ASKED):
        check(net, asked, folder / str(number))
