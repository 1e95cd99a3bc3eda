"""Run what the documentation shows, and compare what it says comes out with what does."""

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NOT_RUN = "<!-- not run:"


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    language: str
    text: str
    line: int
    is_run: bool


def blocks(document: str) -> list[Block]:
    """All fenced blocks, in order."""
    found = []
    lines = document.split("\n")
    start: int | None = None
    for number, line in enumerate(lines):
        if line.lstrip().startswith(("```", "~~~")):
            assert line.startswith("```"), f"the fence in line {number + 1} would not be read"
        else:
            continue
        if start is None:
            start = number
            continue
        before = lines[start - 1] if start else ""
        text = "\n".join(lines[start + 1 : number])
        found.append(Block(lines[start][3:].strip(), text, start + 1, NOT_RUN not in before))
        start = None
    assert start is None, f"the fence that opens in line {(start or 0) + 1} is never closed"
    return found


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each `$ command` with the lines it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def matches(expected: list[str], output: list[str]) -> bool:
    """Whether the output is as expected: `...` is anything in a line, or any lines if alone."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in output)) is not None


def run_console(text: str, folder: Path) -> list[str]:
    """Run the commands of a console block; a sentence for each that prints something else."""
    bin_folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    wrong = [] if commands(text) else [f"no line starts with $:\n{text}"]
    for command, expected in commands(text):
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        output = result.stdout.rstrip("\n").split("\n") if result.stdout.strip("\n") else []
        while expected and not expected[-1]:
            expected.pop()
        if result.returncode or not matches(expected, output):
            wrong.append(
                f"$ {command}\nexit code {result.returncode}, expected:\n"
                + "\n".join(expected)
                + "\ngot:\n"
                + "\n".join(output)
                + (f"\nand on standard error:\n{result.stderr}" if result.stderr else "")
            )
    return wrong


def run_python(text: str, names: dict[str, object], folder: Path) -> list[str]:
    """Run a python block, as a session if it has prompts; a sentence for what goes wrong."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        if ">>>" not in text:
            exec(compile(text, "documentation", "exec"), names)
            return []
        failures: list[str] = []
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        test = doctest.DocTestParser().get_doctest(text + "\n", names, "documentation", None, 0)
        runner.run(test, out=failures.append, clear_globs=False)
        names.update(test.globs)
        return ["".join(failures)] if runner.failures else []
    finally:
        os.chdir(before)
