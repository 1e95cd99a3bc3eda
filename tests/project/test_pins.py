"""Every version that `make test`, `make docs` and `make bench` install is written down."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
OURS = {"moreish", "pip", "setuptools"}  # the last two come with Python's environments
BUILDING = {
    "hatchling",
    "editables",
    "pathspec",
    "pluggy",
    "packaging",
    "tomlkit",
    "trove-classifiers",
}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    """The versions in a file; a line that is no name and version fails."""
    found: dict[str, str] = {}
    for line in (ROOT / file).read_text().splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!]+)", line)
            assert match, f"{file}: {line!r} is not a name and a version"
            assert plain(match[1]) not in found, f"{file} has {match[1]} twice"
            found[plain(match[1])] = match[2]
    return found


def exact() -> set[str]:
    """What PyTorch itself asks for in one version, as its CUDA libraries."""
    needed = [Requirement(text) for text in requires("torch") or ()]
    return {plain(n.name) for n in needed if [one.operator for one in n.specifier] == ["=="]}


def missing(names: dict[str, str], given: dict[str, str]) -> list[str]:
    """What these need, as far as they are installed here, and is not given."""
    found = []
    for name in names:
        try:
            needed = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue
        found += [
            f"{need.name} for {name}"
            for need in needed
            if need.marker is None or need.marker.evaluate({"extra": ""})
            if plain(need.name) not in given
        ]
    return found


def unpinned(*folders: str) -> dict[str, str]:
    """What is installed here, or in folders, and has no such version in constraints.txt."""
    given = pins("constraints.txt")
    found = distributions(path=list(folders)) if folders else distributions()
    installed = {plain(one.metadata["Name"]): one.version.split("+")[0] for one in found}
    others = {name: version for name, version in installed.items() if name not in OURS | exact()}
    assert len(others) > 20
    return {name: version for name, version in others.items() if given.get(name) != version}


def test_all_that_is_installed_here_is_pinned() -> None:
    assert unpinned() == {}, "as constraints.txt has it: make clean test"


def test_all_that_makes_the_site_is_pinned() -> None:
    """Of all that it brings along, only its environment can tell."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted = {plain(Requirement(text).name) for text in extras["docs"]}
    assert wanted - pins("constraints.txt").keys() == set()
    folders = [str(path) for path in ROOT.glob(".venv-docs/lib/python*/site-packages")]
    if not folders:
        pytest.skip("there is no .venv-docs: make docs")
    assert unpinned(*folders) == {}, "as constraints.txt has it: make clean docs"


def test_what_builds_it_is_pinned_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    first = {plain(Requirement(text).name) for text in project["build-system"]["requires"]}
    assert first <= BUILDING
    assert BUILDING - pins("constraints.txt").keys() == set()
    makefile = (ROOT / "Makefile").read_text()
    assert len(re.findall(r"pip install", makefile)) == 2  # the other is `make names`
    lines = [line for line in makefile.splitlines() if "$(INSTALL)" in line]
    free = [line for line in lines if not line.startswith("\t@$(PINNED) ")]
    assert len(lines) == 7
    assert [line.split("/")[0] for line in free] == ["\t@$(NEWEST)"]


def test_the_peers_and_what_they_need_are_pinned() -> None:
    peers = pins("benchmarks/requirements.txt")
    assert {"jax", "jaxlib", "tinygrad", "kenlm", "torch", "sympy", "starlette"} <= peers.keys()
    assert missing(peers, peers) == []
    assert missing({"moreish": ""}, peers) == []


def test_both_files_say_the_same() -> None:
    peers, given = pins("benchmarks/requirements.txt"), pins("constraints.txt")
    shared = peers.keys() & given.keys()
    assert len(shared) > 10
    assert {name for name in shared if peers[name] != given[name]} == set()


@pytest.mark.parametrize("line", ["numpy>=2.0", "numpy", "numpy==2.*", "-e ."])
def test_a_line_without_a_version_is_seen(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "some.txt").write_text(f"scipy==1.0\n{line}\n")
    with pytest.raises(AssertionError, match=r"not a name and a version"):
        pins("some.txt")
