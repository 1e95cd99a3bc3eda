"""The studio's calls by name: from arguments to an answer that JSON can say.

- What it keeps: the lists that were read and the runs, the newest few of each.
- Who does the work of a run is said from outside: a thread on a server, a worker in a page.
- What a user can do wrong is a MoreishError with a sentence.

It knows no HTTP and no threads.
"""

import os
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from typing import Any, TypedDict, Unpack

from ..errors import ApproximateWarning, MoreishError, OptionError
from ..model import load
from ..models import families
from ..rows import Row, drawn_nats, finite, made_rows
from ..serve.answers import as_sentence
from .calls import answered
from .examples import EXAMPLES
from .experiments import bigram, range_test
from .explanations import followers, surprises
from .expression_view import expression
from .lists import List, dropped, is_model, pasted, renamed
from .lists import example as bundled
from .moons import Moons, moons_step
from .moons import fixed as fixed_moons
from .runs import Run, about

KEPT = 8  # lists, and as many runs
MOST_ITEMS = 200  # that are drawn in one call
SHOWN = 30  # items of a list that was read
SHOWN_TOKENS = 120
DECODING = ("temperature", "top_k", "top_p", "seed", "unique")  # what probabilities leave out


class Constraints(TypedDict, total=False):
    """The options of `Model.sample`."""

    prefix: str
    suffix: str
    contains: str
    matches: str
    min_length: int
    max_length: int
    new: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int
    unique: bool


class Studio:
    """All that one studio has, and its calls.

    `work` is given each run that begins. `opened` is a list or a model that is there from the
    start, as a call of `read` or `open` answered it.

    >>> studio = Studio(lambda run: [None for _ in run.steps()])
    >>> read = studio.call("read", {"text": "anna\\nhannah\\n\\nnan\\nann"})
    >>> read["items"], read["remarks"]
    (4, ['1 blank line was left out, line 3.'])
    >>> run = studio.call("begin", {"list": read["list"], "model": "bigram"})["run"]
    >>> [row["kind"] for row in studio.call("log", {"run": run, "after": 0})["rows"]]
    ['begun', 'ended']
    >>> studio.call("sample", {"run": run, "n": 1, "prefix": "han", "seed": 2})["items"][0]["new"]
    True
    """

    def __init__(self, work: Callable[[Run], object]) -> None:
        self.work = work
        self.id = secrets.token_hex(4)  # another one after the server was started anew
        self.lists: dict[str, List] = {}
        self.runs: dict[str, Run] = {}
        self.moons: dict[str, Moons] = {}
        self.opened: Row | None = None
        self._calls: dict[str, Callable[..., Row]] = {
            "start": self.start,
            "read": self.read,
            "open": self.open,
            "begin": self.begin,
            "log": self.log,
            "stop": self.stop,
            "steer": self.steer,
            "bigram": bigram,
            "range_test": range_test,
            "sample": self.sample,
            "probability": self.probability,
            "explain": surprises,
            "followers": followers,
            "expression": expression,
            "moons": self.begin_moons,
            "moons_step": moons_step,
        }

    def call(self, name: str, arguments: Mapping[str, Any]) -> Row:
        """The answer of a call. OptionError for one that there is not, or for other arguments."""
        kept = {Run: self._run, List: self._list, Moons: self._moons}
        return answered(self._calls, name, arguments, kept)

    # ---- lists

    def start(self) -> Row:
        """What a page needs to know first."""
        return {
            "studio": self.id,
            "version": version("moreish"),
            "examples": [asdict(example) for example in EXAMPLES],
            "families": sorted(families()),
            "opened": self.opened,
            "runs": list(self.runs),
        }

    def read(self, text: str | None = None, example: str | None = None) -> Row:
        """Read a text with an item a line, or an example: what it holds, and what is left out.

        DataError for what is no list, OptionError for an example that there is not.
        """
        return self._kept(pasted(text or "") if example is None else bundled(example))

    def open(self, content: bytes, name: str = "the file", column: str | None = None) -> Row:
        """A file that was dropped: a model file is a run that has ended, all else is a list.

        DataError for what is no list, ModelFileError for a model file that is damaged.
        """
        if not is_model(name, content):
            return self._kept(dropped(content, name, column))
        came = dropped(content, name)
        with renamed(str(came.source), came.name):
            return self._opened_model(str(came.source), came.name)

    def open_path(self, path: str) -> None:
        """A list or a model file that is there from the start.

        DataError for what is no list, ModelFileError for a model file that is damaged.
        """
        try:
            with open(path, "rb") as file:
                beginning = file.read(9)
        except (OSError, ValueError):
            beginning = b""  # reading it says what is wrong
        if is_model(path, beginning):
            self.opened = self._opened_model(path, path)
            return
        try:
            self.opened = self._kept(List(path, path))
        except MoreishError as error:
            if " --" in str(error):  # the studio has no options for reading
                error.args = (f"{error}. That is an option of moreish train: open its model here",)
            raise

    def _kept(self, given: List) -> Row:
        """A list, read to be described; it is read again when a model learns from it."""
        learning = given.reading
        key = secrets.token_hex(4)
        self.lists[key] = given
        _forget(self.lists)
        known = about(learning)
        return {
            "list": key,
            "name": given.name,
            "items": sum(known["items"].values()),
            "splits": known["items"],
            "model": known["model"],
            "tokens_are": known["tokens_are"],
            "tokens": known["tokens"],
            "first_tokens": learning.vocabulary.tokens[:SHOWN_TOKENS],
            "first_items": learning.dataset.items.texts[:SHOWN],
            "remarks": [as_sentence(remark) for remark in learning.remarks],
        }

    def _opened_model(self, path: str, name: str) -> Row:
        run = Run(secrets.token_hex(4), name)
        run.take(load(path))
        self._add(run)
        return {"run": run.id, "name": name}

    # ---- runs

    def begin(
        self,
        list: List,
        model: str | None = None,
        seed: int = 1,
        learning_rate: float | None = None,
        dropout: float | None = None,
        slower: float | None = None,
        steered: bool = False,
    ) -> Row:
        """Learn from a list that was read, with a family of models or the usual one.

        A run that is `steered` waits, if its loss diverges, for somebody who calls it back. One
        that is `slower` waits so many seconds after each step. OptionError for what can't be.
        """
        options = {"learning_rate": learning_rate, "dropout": dropout}
        given = {name: value for name, value in options.items() if value is not None}
        learn = partial(list.learn, model=model or None, seed=seed, **given)
        run = Run(secrets.token_hex(4), list.name, learn)
        run.steering.waits_when_diverged = steered
        run.steer(slower=slower)
        self._add(run)
        self.work(run)
        return {"run": run.id}

    def _add(self, run: Run) -> None:
        self.runs[run.id] = run
        for old in _forget(self.runs):
            old.stop = True

    def log(self, run: Run, after: int = 0) -> Row:
        """The rows of a run's log after the first so many, and whether it is paused now."""
        rows = run.log[max(after, 0) :]
        return {"rows": rows, "name": run.name, "paused": run.steering.paused}

    def stop(self, run: Run) -> Row:
        """Let a run end at its next record; its model is kept."""
        run.stop = True
        return {}

    def steer(
        self,
        run: Run,
        paused: bool | None = None,
        steps: int | None = None,
        slower: float | None = None,
        learning_rate: float | None = None,
        dropout: float | None = None,
        back: float | None = None,
    ) -> Row:
        """Pause a run and take single steps, slow it down by so many seconds a step, change its
        learning rate or dropout, or send it back to its best step with another learning rate.

        OptionError for what can't be.
        """
        wanted = {"paused": paused, "steps": steps, "slower": slower, "back": back}
        run.steer(**wanted, learning_rate=learning_rate, dropout=dropout)
        return {}

    def _list(self, list: str) -> List:
        if list not in self.lists:
            raise OptionError("this list is not here any more: read it again")
        return self.lists[list]

    def _run(self, run: str) -> Run:
        if run not in self.runs:
            raise OptionError("this model is not here any more: learn it again")
        return self.runs[run]

    def saved(self, run: str) -> bytes:
        """The model's file. OptionError where there is no model."""
        with tempfile.TemporaryDirectory(prefix="moreish-") as folder:
            path = os.path.join(folder, "model")
            self._run(run).trained.save(path)
            with open(path, "rb") as file:
                return file.read()

    # ---- two moons

    def begin_moons(self, hidden: list[int], seed: int = 1337) -> Row:
        """A network that is to tell two moons apart, and the points; see `moons_step`.

        OptionError for a network that can't be.
        """
        training = Moons(hidden, seed)
        self.moons[training.id] = training
        _forget(self.moons)
        return fixed_moons() | {"training": training.id}

    def _moons(self, training: str) -> Moons:
        if training not in self.moons:
            raise OptionError("this network is not here any more: begin again")
        return self.moons[training]

    # ---- models

    def sample(self, run: Run, n: int = 20, **options: Unpack[Constraints]) -> Row:
        """New items with what each has from the list; options are those of `Model.sample`.

        OptionError for constraints that can't be, DataError if no item meets them.
        """
        model = run.trained
        if not 0 <= n <= MOST_ITEMS:
            raise OptionError(f"a number of items from 0 to {MOST_ITEMS} was wanted, got {n}")
        with _notes() as notes:
            items = model.sample(n, **options)
        nats = drawn_nats(model, items, options.get("max_length"))
        return {"items": finite(made_rows(model, items, nats)), "notes": notes}

    def probability(self, run: Run, **options: Unpack[Constraints]) -> Row:
        """How likely an item meets the constraints; temperature, top-k and top-p are left out.

        OptionError for constraints that can't be.
        """
        model = run.trained
        if model.dataset.documents is not None:
            return {"probability": None, "notes": []}
        constraints: dict[str, Any] = {
            name: value for name, value in options.items() if name not in DECODING
        }
        with _notes() as notes:
            return {"probability": model.probability(**constraints), "notes": notes}


@contextmanager
def _notes() -> Iterator[list[str]]:
    """A list that gets what the models warn of."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ApproximateWarning)
        yield notes
    notes += [as_sentence(str(note.message)) for note in caught]


def _forget(kept: dict[str, Any]) -> list[Any]:
    """Let go of what is older than the newest few."""
    old = list(kept)[:-KEPT]
    return [kept.pop(key) for key in old]
