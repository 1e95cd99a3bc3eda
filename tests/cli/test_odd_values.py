"""Whatever is typed as the value of an option, a command ends with a sentence, or with a result.

The options are those that click knows, so that none is forgotten.
"""

import contextlib
import json
import os
import random
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from moreish.cli.main import COMMANDS, moreish
from moreish.learning import learn
from paper.brown_like import write_corpus

LONG = "x" * 100_000
TEXTS = [
    "",
    "\0",
    LONG,
    " ",
    "-",
    "--",
    "é",
    "\udcff",
    "\n",
    "=",
    ",",
    "a,b",
    "/",
    "../..",
    "(",
    "[",
]
TEXTS += [
    "a{4294967296}",
    "[" * 100_000,
    "(" * 10_000,
    "%s",
    "{}",
    "0",
    "-1",
    "nan",
    "all",
    "learnt",
]
ENCODINGS = ["rot13", "base64", "hex", "zlib", "undefined", "idna", "punycode", "mbcs", "utf-7"]
ENCODINGS += [
    "utf-16",
    "utf-32-be",
    "unicode_escape",
    "raw_unicode_escape",
    "cp037",
    "big5",
    "utf_8",
]
NUMBERS = ["nan", "1e308", "-0", "0", "-1", "1", "inf", "-inf", "-0.0", "-1e308", "1e-320", "1e400"]
NUMBERS += [str(10**30), str(-(10**30)), str(2**63), str(2**63 - 1), str(2**31), "9" * 5_000, "1.5"]
NUMBERS += ["", "\0", " 1", "1_0", "٣", "0x10", "1e", LONG]
ARE_NUMBERS = ("batch_size", "smoothing", "share")  # or names
MAY_LAST = {"steps", "minutes", "count"}  # what is asked for takes as long as it was asked to
SMALL = ("--hidden-size", "4", "--embedding-size", "2", "--block-size", "2", "--steps", "5")
TRAIN = ("list.csv", "--column", "name", "--weights", "count", "-o", "out", "--force", "--json")
TABLE = ("list.csv", "--column", "name", "--json")
# The alarm of `fault` may go off while garbage is collected: there Python passes over it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*gc_callback:pytest.PytestUnraisableExceptionWarning"
)
# What a command is given beside the option; the first is for `make test`.
GIVEN: dict[str, list[tuple[str, ...]]] = {
    "train": [
        (*TRAIN, "--model", "ngram"),
        (*TRAIN, "--model", "bigram"),
        (*TRAIN, "--model", "mlp", *SMALL),
        (*TRAIN, "--model", "mlp", *SMALL[:-2]),
        (*TRAIN, "--model", "neural-bigram", "--steps", "5"),
        (*TRAIN, "--model", "mixture", *SMALL),
    ],
    "sample": [(model, "-n", "3", "--json") for model in ("ngram", "bigram", "mixture")],
    "top": [(model, "-n", "3", "--json") for model in ("ngram", "bigram", "mixture")],
    "score": [("ngram", *TABLE), ("mixture", *TABLE, "--explain"), ("bigram", "--json")],
    "classify": [("ngram", "bigram", "--items", *TABLE), ("ngram", "bigram", "--json")],
    "evaluate": [("ngram", *TABLE, "--weights", "count"), ("mixture", "--json")],
    "compare": [(*TABLE, "--models", "bigram")],
    "find-lr": [(*TABLE, "--model", "mlp", *SMALL[:-2], "--points", "60")],
    "show": [("bigram", "--counts", "--text"), ("bigram", "--counts", "-o", "p.svg", "--force")],
    "export": [("ngram", "out.arpa", "--force")],
    "serve": [("bigram", "--port", "0")],
    "studio": [("bigram", "--port", "0", "--no-browser")],
    "paper": [("corpus", "--rows", "kn3", "--json")],
    "demo": [()],
}


def odd(command: str) -> Iterator[tuple[click.Parameter, list[str]]]:
    """The options of a command that take a value, and its arguments, with odd values."""
    known = moreish.get_command(click.Context(moreish), command)
    assert known is not None
    for parameter in known.params:
        if isinstance(parameter, click.Option) and parameter.is_flag:
            continue
        of_number = isinstance(
            parameter.type, click.types.IntParamType | click.types.FloatParamType
        )
        values = NUMBERS if of_number else TEXTS
        if parameter.name in ARE_NUMBERS:
            values = NUMBERS + TEXTS
        if parameter.name == "encoding":
            values = TEXTS + ENCODINGS
        yield parameter, values


def typed(
    command: str, given: tuple[str, ...], parameter: click.Parameter, value: str
) -> list[str]:
    """A command line where the value is that of the option or argument."""
    if isinstance(parameter, click.Option):
        long = parameter.opts[-1]
        return [command, *given, *([f"{long}={value}"] if long[:2] == "--" else [long, value])]
    place = 1 if parameter.name == "file" else 0
    return [command, *given[:place], value, *given[place + 1 :]]


@pytest.fixture
def try_out(
    run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Run a command with an odd value; what is wrong with how it ended."""
    names = Path("list.txt").read_text().split()
    rows = (f"{name},{count}\n" for count, name in enumerate(names, 1))
    Path("list.csv").write_text("name,count\n" + "".join(rows))
    for model in ("bigram", "ngram", "mixture"):
        size = SMALL if model == "mixture" else ()
        assert run("train", "list.txt", "--model", model, *size, "-o", model).code == 0
    Path("corpus").mkdir()
    write_corpus(Path("corpus"), texts=2, words=200)
    monkeypatch.setattr("moreish.paper.reproduction.side_by_side", one_by_one)
    monkeypatch.setattr("uvicorn.Server.run", lambda *whatever: None)
    monkeypatch.setattr("moreish.serve.scheduler.Desk.__init__", lambda *whatever: None)
    monkeypatch.setattr("moreish.serve.app.application", lambda *whatever: None)
    monkeypatch.setattr(
        "moreish.cli.demo.learn", lambda **given: learn(steps=1, hidden_size=2, **given)
    )
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    with limited_memory():
        yield lambda arguments, *parameters: fault(run, arguments, {p.name for p in parameters})
    signal.signal(signal.SIGALRM, before)


def one_by_one(jobs: dict[str, Callable], at_once: int) -> Iterator[tuple[str, Any]]:
    """The jobs in this process, and not in processes of their own."""
    for name, job in jobs.items():
        yield from ((name, told) for told in job())
        yield name, None


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """A few gigabytes more than now, where that can be had."""
    status = Path("/proc/self/statm")
    if not status.exists():
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(status.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + 4 * 2**30, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def fault(run: Callable, arguments: list[str], names: set[str | None]) -> str:
    """What is wrong with how a command ends; nothing, if all is well."""
    may_last = bool(names & MAY_LAST)
    # Again after 5 s: what is raised while an object is removed, Python passes over.
    signal.setitimer(signal.ITIMER_REAL, 1 if may_last else 20, 5)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of patterns, by Python's parser
            result = run(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if result.code == 130 and may_last:
        return ""
    if result.code not in (0, 1, 2):
        return f"exit code {result.code}"
    if len(result.err) > 5_000:
        return f"{len(result.err):,} characters on standard error"
    if result.code and sum(line.startswith("Error: ") for line in result.err.splitlines()) != 1:
        return f"no sentence: {result.err}"
    if result.code == 0 and "--json" in arguments:
        return not_finite([json.loads(line) for line in result.lines], arguments)
    return ""


def not_finite(rows: list[dict[str, Any]], arguments: list[str]) -> str:
    """What should be a number and is none; where nothing is added to counts that may be."""
    losses = [loss for row in rows for loss in (row.get("nats_per_token"), row.get("nats"))]
    losses = (
        [one for loss in losses if loss is not None for one in loss.values()]
        if (rows and isinstance(losses[0], dict))
        else [row["nats"] for row in rows if "nats" in row]
    )
    smoothing = [a.split("=")[1] for a in arguments if a.startswith("--smoothing=")]
    may_be = bool(smoothing) and float(smoothing[0]) < 1e-300
    return "a loss that is no number" if None in losses and not may_be else ""


def report(faults: list[tuple[list[str], str]]) -> None:
    shown = [f"{[a[:60] for a in arguments]}: {what[-300:]}" for arguments, what in faults]
    assert not shown, f"{len(shown)} faults:\n" + "\n".join(shown[:20])


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if name not in ("find-lr", "compare")]
)
def test_two_odd_values_for_each_option(try_out: Callable, command: str) -> None:
    faults, tried = [], 0
    for parameter, values in odd(command):
        for value in values[:2]:
            arguments = typed(command, GIVEN[command][0], parameter, value)
            faults.append((arguments, try_out(arguments, parameter)))
            tried += 1
    report([(arguments, what) for arguments, what in faults if what])
    assert tried >= 2


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "given"), [(command, given) for command in COMMANDS for given in GIVEN[command]]
)
def test_every_odd_value_for_each_option(
    try_out: Callable, command: str, given: tuple[str, ...]
) -> None:
    faults = []
    for parameter, values in odd(command):
        for value in values:
            arguments = typed(command, given, parameter, value)
            faults.append((arguments, try_out(arguments, parameter)))
    report([(arguments, what) for arguments, what in faults if what])


@pytest.mark.long
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "demo"])
def test_several_at_once(try_out: Callable, command: str) -> None:
    """Any two values, odd or usual, and any two switches. The seed is FUZZ_SEED, or a new one."""
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    draws = random.Random(seed)
    known = moreish.get_command(click.Context(moreish), command)
    assert known is not None
    switches = [p.opts[-1] for p in known.params if isinstance(p, click.Option) and p.is_flag]
    options = [one for one in odd(command) if isinstance(one[0], click.Option)]
    faults = []
    for _ in range(200):
        arguments = [command, *draws.choice(GIVEN[command])]
        chosen = draws.sample(options, min(2, len(options)))
        for parameter, values in chosen:
            usual = ["1", "2", "0.5", "name", "count", "list.txt", "ngram,bigram", "course"]
            value = draws.choice(values if draws.random() < 0.5 else usual)
            arguments = typed(command, tuple(arguments[1:]), parameter, value)
        arguments += draws.sample(switches, min(len(switches), draws.randrange(3)))
        faults.append((arguments, try_out(arguments, *(parameter for parameter, _ in chosen))))
    report([(arguments, what) for arguments, what in faults if what])


def test_every_command_is_tried() -> None:
    assert GIVEN.keys() == set(COMMANDS)
    tried = {p.name for command in COMMANDS for p, _ in odd(command)}
    assert {"column", "weights", "encoding", "smoothing", "files", "models", "seats"} <= tried


def test_a_column_without_a_name_can_be_read(run: Callable) -> None:
    Path("list.csv").write_text(",count\nemma,3\nava,1\n")
    result = run("train", "list.csv", "--column", "", "--model", "bigram", "--json")
    assert json.loads(result.out)["items"]["train"] + json.loads(result.out)["items"]["dev"] == 2
    Path("list.csv").write_text("name,\nemma,3\nava,1\nmia,0\n")
    result = run("evaluate", "list.safetensors", "list.csv", "--column", "name", "--weights", "")
    assert "1 line of weight 0 was left out" in result.err
