"""Fits examples/random_pairs.circ with superpose and trains the same network in PyTorch by turns, to the same target.

    cargo build --release
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install torch numpy safetensors
    /tmp/peers/bin/python tests/bench/peers/compare_fit.py [--epsilon 0.45]

5000 random pairs of 1000 features, 4 of them on, two of them a gate's; width 250; on 99 % of fresh inputs every gate is
right (read one-sided, at threshold 1/2), or, with `--epsilon E`, every read-off is within E of the truth (held on both
sides). For superpose the time is that of the whole process `superpose compile`: reading the circuit, the fit,
writing the file. For PyTorch it is that of the training alone (see train_torch.py): imports, torch.compile and the
checks whether it is there yet do not count. Every network that comes out, theirs too, is judged by
`superpose eval` on the same 10 000 inputs. A peer that ends below the target had its cap: the ratio is then a lower
bound. Where others work on the machine too, PyTorch's threads wait for one another (ten times slower on shared cores,
which says nothing of the fit): then only the processor's ratio with `--threads 1` means anything.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--superpose", default=ROOT / "target" / "release" / "superpose")
parser.add_argument("--circuit", default=ROOT / "examples" / "random_pairs.circ")
parser.add_argument("--width", type=int, default=250)
parser.add_argument("--target", type=float, default=0.99)
parser.add_argument("--epsilon", type=float, help="how near every read-off is to be [default: right at 1/2]")
parser.add_argument("--cap", type=float, default=900, help="seconds that PyTorch may train")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, help="of both; 1 is steadier where others work too [default: all cores]")
parser.add_argument("--fit", help="options of superpose compile instead of level, read-off, epsilon and target")
parser.add_argument("--loss", choices=["hinge", "two-sided", "mse"], help="what PyTorch minimises")
parser.add_argument("--peer", default="", help="further options of train_torch.py")
options = parser.parse_args()
epsilon = ["--epsilon", options.epsilon] if options.epsilon else []
readoff = "two-sided" if options.epsilon else "one-sided"
fit = options.fit.split() if options.fit else ["-O2", "--readoff", readoff, *epsilon, "--target", options.target]
fit += ["--width", options.width]
goal = f"accuracy({options.epsilon})" if options.epsilon else "reliability"
threads = ["--threads", options.threads] if options.threads else []


def run(*command: object) -> tuple[str, float, float]:
    """What it printed, seconds, seconds of processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    finished = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    # 1 is a verdict on the network (a missed `require`), not a failure to run.
    if finished.returncode > 1 or finished.returncode and not finished.stdout:
        sys.exit(finished.returncode)
    return finished.stdout, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def judged(network: pathlib.Path) -> float:
    report = json.loads(run(options.superpose, "eval", network, *epsilon, "--json", "--quiet")[0])
    return report["accuracy"][str(options.epsilon)] if options.epsilon else report["reliability"]


ours, theirs = [], []
with tempfile.TemporaryDirectory() as folder:
    fitted, trained = pathlib.Path(folder, "fitted.safetensors"), pathlib.Path(folder, "trained.safetensors")
    for round_idx in range(options.rounds):
        _, seconds, processor = run(options.superpose, "compile", options.circuit, *fit, *threads, "-o", fitted)
        if not fitted.exists():
            sys.exit("superpose compile wrote no network")
        ours.append((seconds, processor, judged(fitted)))
        print(f"superpose: {seconds:.2f} s, {goal} {ours[-1][2]:.4f}", flush=True)

        command = [sys.executable, HERE / "train_torch.py", "--superpose", options.superpose, "--save", trained]
        command += ["--circuit", options.circuit, "--width", options.width, "--target", options.target]
        command += ["--cap", options.cap, "--seed", round_idx + 1, *epsilon]
        command += ["--loss", options.loss] if options.loss else []
        command += threads + options.peer.split()
        peer = json.loads(run(*command)[0])
        theirs.append((peer["seconds"], peer["processor"], judged(trained)))
        print(f"PyTorch: {peer['seconds']:.1f} s, {peer['inputs']} inputs, {goal} {theirs[-1][2]:.4f}", flush=True)

settings = f"{peer['loss']}, margin {peer['margin']:g}, rate {peer['rate']:g}, batches of {peer['batch']}, {peer['threads']} threads"
print(f"\nsuperpose {' '.join(map(str, fit))}; PyTorch {peer['torch']}, {settings}")
for name, rounds in [("superpose", ours), ("PyTorch", theirs)]:
    seconds, processor, reached = (statistics.median(column) for column in zip(*rounds))
    spread = f"{min(rounds)[0]:.2f} to {max(rounds)[0]:.2f}"
    print(f"{name}: median {seconds:.2f} s ({spread}), processor {processor:.2f} s, {goal} {reached:.4f}")
at_least = "at least " if any(round[2] < options.target - 0.003 for round in theirs) else ""
for idx, name in enumerate(["clock", "processor"]):
    ratio = statistics.median(round[idx] for round in theirs) / statistics.median(round[idx] for round in ours)
    print(f"ratio of medians, {name}: {at_least}{ratio:.1f}")
