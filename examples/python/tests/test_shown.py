"""What the README shows of a session is what is printed, and the scripts run."""

from __future__ import annotations

import doctest
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import superpose

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]


def test_the_session_of_the_readme(monkeypatch):
    monkeypatch.chdir(ROOT)
    sessions = (ROOT / "README.md").read_text().split("\n```pycon\n")[1:]
    assert sessions
    for session in sessions:
        test = doctest.DocTestParser().get_doctest(session.split("\n```")[0] + "\n", {}, "README", "README.md", 0)
        said: list[str] = []
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        runner.run(test, out=said.append)
        assert not said, "".join(said)


@pytest.mark.parametrize("script", ["decompose", "sae 300", "saelens 20000"])
def test_scripts_run(script):
    name, *arguments = script.split()
    needed = {"sae": "scipy", "saelens": "sae_lens"}.get(name, "torch")
    if importlib.util.find_spec(needed) is None:
        pytest.skip(f"needs {needed}")
    path = os.pathsep.join([str(Path(superpose.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / "examples" / f"{name}.py"), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout
