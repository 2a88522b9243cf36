"""Runs `superpose eval` and the same evaluation in PyTorch by turns, and prints medians and their ratio.

    cargo build --release
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install torch numpy safetensors
    /tmp/peers/bin/python tests/bench/peers/compare_eval.py

5000 random pairs of 1000 features, 4 of them on, one pair always planted; width 250; 10 000 samples; sampling, truth,
forward pass and the statistics of every gate. For PyTorch the time is that of the evaluation alone: imports, loading
and a first, slower pass do not count. So for superpose too the time of a process that draws a single sample is
subtracted; the time of the whole process, reading the circuit included, stands beside it.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

parser = argparse.ArgumentParser()
parser.add_argument("--superpose", default=HERE.parents[2] / "target" / "release" / "superpose")
parser.add_argument("--features", type=int, default=1000)
parser.add_argument("--gates", type=int, default=5000)
parser.add_argument("--width", type=int, default=250)
parser.add_argument("--samples", type=int, default=10_000)
parser.add_argument("--level", default="-O1")
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--chunks", type=int, nargs="+", default=[256, 1024], help="chunk sizes for PyTorch: the best counts")
options = parser.parse_args()


def circuit() -> str:
    """Distinct random pairs, one gate a line."""
    generator = random.Random(1)
    pairs: dict[tuple[int, ...], None] = {}
    while len(pairs) < options.gates:
        pairs[tuple(sorted(generator.sample(range(options.features), 2)))] = None
    gates = "\n".join(f"  g[{i}] = x[{a}] & x[{b}];" for i, (a, b) in enumerate(pairs))
    sample = "sample { choose 4 of x; plant 1; }"
    return f"circuit pairs;\nfeature x[{options.features}];\n{sample}\nlayer only {{\n{gates}\n}}\n"


def run(*command: object) -> str:
    finished = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    # 1 is a verdict on the network (a missed `require`), not a failure to run.
    if finished.returncode > 1 or not finished.stdout and finished.returncode:
        sys.exit(f"{command[0]}: {finished.stderr}")
    return finished.stdout


with tempfile.TemporaryDirectory() as folder:
    source, network = pathlib.Path(folder, "pairs.circ"), pathlib.Path(folder, "net.safetensors")
    source.write_text(circuit())
    run(options.superpose, "compile", source, "-o", network, options.level, "--width", options.width)
    if not network.exists():
        sys.exit("superpose compile wrote no network")

    def superpose(samples: int) -> tuple[float, dict]:
        start = time.perf_counter()
        report = json.loads(run(options.superpose, "eval", network, "--samples", samples, "--json"))
        return time.perf_counter() - start, report

    def torch(chunk: int) -> dict:
        return json.loads(
            run(sys.executable, HERE / "eval_torch.py", network, "--samples", options.samples, "--chunk", chunk)
        )

    whole, ours, theirs = [], [], []
    for _ in range(options.rounds):
        seconds, report = superpose(options.samples)
        whole.append(seconds)
        ours.append(seconds - superpose(1)[0])
        peer = min((torch(chunk) for chunk in options.chunks), key=lambda peer: peer["seconds"])
        theirs.append(peer["seconds"])

print(f"reliability: superpose {report['reliability']:.4f}, PyTorch {peer['reliability']:.4f} (inputs of their own)")
for name, seconds in [
    ("superpose, the whole process", whole),
    ("superpose, evaluation", ours),
    (f"PyTorch {peer['torch']} ({peer['threads']} threads), evaluation", theirs),
]:
    print(f"{name}: median {statistics.median(seconds):.3f} s, {min(seconds):.3f} to {max(seconds):.3f}")
print(f"ratio of medians: {statistics.median(theirs) / statistics.median(ours):.2f}")
