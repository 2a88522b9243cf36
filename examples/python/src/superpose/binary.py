"""Runs the compiler: finds its binary, and turns what it reports into exceptions and warnings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import warnings
from pathlib import Path


class SuperposeError(Exception):
    """What the compiler says is wrong, in its own words."""


class SuperposeWarning(UserWarning):
    """What the compiler warns of: a goal that was missed, a feature that no gate reads."""


def binary() -> str:
    """The path of `superpose`: the variable SUPERPOSE, else beside this interpreter, else on PATH."""
    named = os.environ.get("SUPERPOSE")
    if named:
        if shutil.which(named) is None:
            raise SuperposeError(f"SUPERPOSE names {named}, which is no program: name the binary, or unset it")
        return named
    folders = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
    for folder in [*folders, None]:
        found = shutil.which("superpose", path=folder)
        if found:
            return found
    raise SuperposeError(
        f"no `superpose` in {folders[0]} or on PATH: install it (`pip install ./examples/python`, or "
        "`cargo install --locked --path .`), or name the binary in the variable SUPERPOSE"
    )


def run(arguments: list[str], stdin: bytes = b"", cwd: Path | None = None) -> bytes:
    """What the binary prints for these arguments.

    Raises `SuperposeError` with its message where nothing comes out; where something does, what is wrong with it all
    the same becomes a `SuperposeWarning`.
    """
    ran = subprocess.run([binary(), *arguments, "--color", "never"], input=stdin, capture_output=True, cwd=cwd)
    said = ran.stderr.decode(errors="replace").strip()
    if ran.returncode != 0 and not ran.stdout:
        raise SuperposeError(said or f"`superpose {' '.join(arguments)}` ended with {ran.returncode} and no message")
    if ran.returncode != 0 or re.search(r"(^|: )warning(:|\[)", said, re.MULTILINE):
        warnings.warn(said, SuperposeWarning, stacklevel=3)
    return ran.stdout
