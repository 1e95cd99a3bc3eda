"""The studio's calls, without a server: what is read, learnt, made and shown."""

import gzip
import json
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from moreish import learn, load, train
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.studio.background import Background
from moreish.studio.examples import EXAMPLES, FOLDER
from moreish.studio.explanations import SHOWN
from moreish.studio.runs import Run
from moreish.studio.service import KEPT, Studio

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
TEXT = "\n".join(NAMES)


def at_once(run: Run) -> None:
    for _ in run.steps():
        pass


@pytest.fixture
def studio() -> Studio:
    return Studio(at_once)


def learnt(studio: Studio, text: str = TEXT, model: str = "ngram") -> str:
    read = studio.call("read", {"text": text})
    return studio.call("begin", {"list": read["list"], "model": model})["run"]


class TestLists:
    def test_what_was_read_and_left_out_is_said(self, studio: Studio) -> None:
        read = studio.call("read", {"text": f"{TEXT}\n\n  emma \n{'x' * 1_001}\n"})
        assert (read["items"], sum(read["splits"].values()), read["model"]) == (10, 10, "mixture")
        said = " ".join(read["remarks"])
        assert "1 blank line was left out, line 11." in said
        assert "line 13 (1,001 characters) was left out: longer than 1,000" in said.lower()
        assert read["first_items"] == NAMES
        json.dumps(read)

    @pytest.mark.parametrize("text", ["", "\n\n", " \t \n"])
    def test_nothing_to_learn_from(self, studio: Studio, text: str) -> None:
        with pytest.raises(DataError, match="no item"):
            studio.call("read", {"text": text})
        assert studio.lists == {}

    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
    def test_examples_are_what_they_say(self, studio: Studio, example) -> None:
        read = studio.call("read", {"example": example.name})
        assert read["items"] == example.items
        if example.name != "names":
            lines = (FOLDER / f"{example.name}.txt").read_text(encoding="utf-8").splitlines()
            assert len(set(lines)) == len(lines) == example.items
            assert all(line == unicodedata.normalize("NFC", line.strip()) for line in lines)

    def test_examples_are_small_and_their_sources_named(self) -> None:
        told = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
        files = sorted(FOLDER.iterdir())
        assert [f.stem for f in files] == sorted(e.name for e in EXAMPLES if e.name != "names")
        assert sum(file.stat().st_size for file in files) < 300_000
        for example in EXAMPLES:
            assert f"| `{example.name}.txt` | {example.items} |" in told or example.name == "names"
        letters = "".join(file.read_text(encoding="utf-8") for file in files)
        assert any(unicodedata.name(c, "").startswith("CYRILLIC") for c in letters)

    def test_an_example_that_there_is_not(self, studio: Studio) -> None:
        with pytest.raises(OptionError, match=r"no example '\.\./etc'; there are names, cit"):
            studio.call("read", {"example": "../etc"})

    def test_old_lists_and_runs_are_forgotten(self, studio: Studio) -> None:
        runs = [learnt(studio, model="bigram") for _ in range(KEPT + 2)]
        assert len(studio.lists) == len(studio.runs) == KEPT
        with pytest.raises(OptionError, match="not here any more: learn it again"):
            studio.call("sample", {"run": runs[0]})
        with pytest.raises(OptionError, match="not here any more: read it again"):
            studio.call("begin", {"list": "none"})


class TestFiles:
    def test_a_table_packed_with_gzip(self, studio: Studio) -> None:
        content = gzip.compress(b"id,name\n" + b"".join(b"1,%b\n" % n.encode() for n in NAMES))
        given = {"content": content, "name": "people.csv.gz"}
        read = studio.call("open", {**given, "column": "name"})
        assert (read["name"], read["items"]) == ("people.csv.gz", 10)
        run = studio.call("begin", {"list": read["list"], "model": "bigram"})["run"]
        assert studio.runs[run].trained.dataset.items.name == "people.csv.gz"
        with pytest.raises((OptionError, DataError), match=r"people\.csv\.gz") as refused:
            studio.call("open", {**given, "column": "surname"})
        assert "/tmp" not in str(refused.value)

    def test_where_it_is_kept_goes_with_it(self, studio: Studio) -> None:
        key = studio.call("open", {"content": TEXT.encode(), "name": "a.txt"})["list"]
        place = Path(str(studio.lists[key].source))
        assert place.exists()
        studio.lists.clear()
        assert not place.parent.exists()

    def test_a_model_comes_back_as_it_was_saved(self, studio: Studio, tmp_path: Path) -> None:
        content = studio.saved(learnt(studio))
        run = studio.call("open", {"content": content, "name": "m.safetensors"})["run"]
        assert studio.call("log", {"run": run})["rows"][-1]["how"] == "opened"
        (tmp_path / "m").write_bytes(content)
        wanted = load(tmp_path / "m").sample(5, seed=3)
        made = studio.call("sample", {"run": run, "n": 5, "seed": 3})["items"]
        assert [row["item"] for row in made] == wanted

    @pytest.mark.parametrize("cut", [0, 8, 9, 100, -1])
    def test_a_damaged_model(self, studio: Studio, cut: int) -> None:
        content = studio.saved(learnt(studio))[:cut]
        with pytest.raises(ModelFileError, match=r"^names\.safetensors ") as refused:
            studio.call("open", {"content": content, "name": "names.safetensors"})
        assert "/" not in str(refused.value).replace("--", "")
        assert len(studio.runs) == 1

    @pytest.mark.parametrize("name", ["\0.txt", "../../a.txt", "a" * 5_000, ".", "/etc/passwd"])
    def test_any_name_will_do(self, studio: Studio, name: str) -> None:
        read = studio.call("open", {"content": TEXT.encode(), "name": name})
        assert read["items"] == 10

    def test_what_is_no_text(self, studio: Studio) -> None:
        with pytest.raises(DataError, match=r"picture\.png"):
            studio.call("open", {"content": b"\x89PNG\r\n\x1a\n\0\0", "name": "picture.png"})

    def test_one_is_there_from_the_start(self, studio: Studio, tmp_path: Path) -> None:
        place = tmp_path / "list.txt"
        place.write_text(TEXT)
        studio.open_path(str(place))
        assert studio.call("start", {})["opened"]["items"] == 10
        train(NAMES, model="bigram").save(tmp_path / "model")
        studio.open_path(str(tmp_path / "model"))
        assert studio.call("start", {})["opened"]["run"] in studio.runs
        (tmp_path / "list.csv").write_text("name,born\nanna,1990\n")
        with pytest.raises(OptionError, match=r"--column.* an option of moreish train"):
            studio.open_path(str(tmp_path / "list.csv"))
        with pytest.raises(DataError, match="no-such-file"):
            studio.open_path("no-such-file")


class TestRuns:
    def test_the_log_has_every_record_in_order(self, studio: Studio) -> None:
        run = learnt(studio, model="mlp")
        rows = studio.call("log", {"run": run})["rows"]
        kinds = [row["kind"] for row in rows]
        assert kinds[0] == "begun"
        assert kinds[-1] == "ended"
        assert set(kinds[1:-1]) == {"record", "look"}
        steps = [row["step"] for row in rows if row["kind"] == "record"]
        assert steps == [record.step for record in learn(NAMES, model="mlp")]
        for after in (0, 1, 17, len(rows), len(rows) + 5):
            assert studio.call("log", {"run": run, "after": after})["rows"] == rows[after:]
        json.dumps(rows)

    def test_the_model_is_that_of_train(self, studio: Studio) -> None:
        run = studio.runs[learnt(studio, model="mixture")]
        other = train(NAMES)
        assert run.trained.sample(20, seed=5) == other.sample(20, seed=5)
        losses = run.log[-1]["nats_per_token"]
        assert losses == pytest.approx(other.report.nats_per_token)

    def test_stop_keeps_the_model_so_far(self) -> None:
        work: list[Run] = []
        studio = Studio(work.append)
        run = learnt(studio, model="mlp")
        with pytest.raises(OptionError, match="still being learnt"):
            studio.call("sample", {"run": run})
        steps = work[0].steps()
        next(steps)
        next(steps)
        studio.call("stop", {"run": run})
        assert list(steps) == []
        rows = studio.call("log", {"run": run})["rows"]
        kinds = [row["kind"] for row in rows if row["kind"] != "look"]
        assert kinds == ["begun", "record", "ended"]
        assert rows[-1]["how"] == "stopped"
        assert len(studio.call("sample", {"run": run, "n": 3})["items"]) == 3

    def test_one_that_is_stopped_before_it_begins(self) -> None:
        work: list[Run] = []
        studio = Studio(work.append)
        run = learnt(studio)
        studio.call("stop", {"run": run})
        at_once(work[0])
        (row,) = studio.call("log", {"run": run})["rows"]
        assert (row["how"], row["error"]) == ("stopped", "Stopped before it began.")
        with pytest.raises(OptionError, match="was not learnt"):
            studio.call("explain", {"run": run, "item": "emma"})

    def test_what_can_not_be_learnt_is_said_in_the_log(self, studio: Studio) -> None:
        run = learnt(studio, model="no-such-model")
        (row,) = studio.call("log", {"run": run})["rows"]
        assert row["how"] == "failed"
        assert "There is no model 'no-such-model'; there are bigram" in row["error"]

    def test_one_that_diverges(self) -> None:
        run = Run("1", "names", lambda: learn(NAMES, model="mlp", learning_rate=1e30, steps=50))
        with np.errstate(all="ignore"):
            at_once(run)
        assert run.log[-1]["how"] in ("diverged", "failed")
        assert "infinite" in run.log[-1]["error"]

    def test_a_fault_of_ours_ends_the_run_and_not_the_thread(self) -> None:
        run = Run("1", "names", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        at_once(run)
        assert "ZeroDivisionError" in run.log[-1]["error"]

    def test_two_at_once_are_learnt_one_after_another(self) -> None:
        background = Background()
        studio = Studio(background.add)
        runs = [learnt(studio, model=model) for model in ("mlp", "bigram", "no-such-model")]
        background.wait()
        ends = [studio.runs[run].log[-1]["how"] for run in runs]
        assert ends == ["done", "done", "failed"]


class TestWhatIsMade:
    def test_items_are_those_of_the_model(self, studio: Studio) -> None:
        run = learnt(studio)
        options = {"prefix": "a", "suffix": "a", "max_length": 7, "new": True, "seed": 4}
        found = studio.call("sample", {"run": run, "n": 9, **options})
        model = studio.runs[run].trained
        assert [row["item"] for row in found["items"]] == model.sample(9, **options)
        assert {"new", "nearest", "distance", "copied", "nats"} <= found["items"][0].keys()
        told = studio.call("probability", {"run": run, **options, "temperature": 0.5, "top_k": 3})
        options.pop("seed")
        assert told["probability"] == pytest.approx(model.probability(**options))

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"matches": "a(b"}, "not a regular expression"),
            ({"min_length": 9, "max_length": 3}, "no item can have at least 9"),
            ({"prefix": "z"}, "'z'"),
            ({"n": 201}, "from 0 to 200"),
            ({"n": -1}, "from 0 to 200"),
            ({"seed": -1}, "a seed is a whole number"),
            ({"top_p": 2}, "at most 1"),
            ({"prefix": 5}, "for 'prefix' a text was wanted, got 5"),
            ({"new": "yes"}, "for 'new' true or false was wanted, got 'yes'"),
            ({"top_k": True}, "for 'top_k' a whole number was wanted, got True"),
            ({"seed": 1.5}, "for 'seed' a whole number was wanted"),
            ({"seed": 10**400}, "for 'seed' a whole number was wanted, got 1000"),
            ({"temperature": 10**400}, "for 'temperature' a number was wanted"),
            ({"temperature": float("nan")}, "the temperature must be 0 or more"),
            ({"colour": "red"}, "unexpected keyword argument 'colour'"),
        ],
    )
    def test_what_can_not_be(self, studio: Studio, options: dict, said: str) -> None:
        run = learnt(studio)
        with pytest.raises((OptionError, DataError), match=said):
            studio.call("sample", {"run": run, **options})

    @pytest.mark.parametrize(
        ("name", "arguments", "said"),
        [
            ("__init__", {}, "no call '__init__'; there are start, read"),
            ("log", {}, "missing a required"),
            ("stop", {"run": "1", "x": 1}, "unexpected keyword argument 'x'"),
            ("read", {"text": 5}, "for 'text' a text was wanted, got 5"),
        ],
    )
    def test_calls_that_there_are_not(self, studio, name, arguments, said) -> None:
        with pytest.raises(OptionError, match=said):
            studio.call(name, arguments)


class TestOneItem:
    def test_surprises_are_those_of_the_model(self, studio: Studio) -> None:
        run = learnt(studio)
        found = studio.call("explain", {"run": run, "item": " hnna "})
        own = studio.runs[run].trained.explain("hnna")
        assert (found["item"], found["repair"], found["edit"]) == ("hnna", own.repair, own.edit)
        assert found["surprise"] == pytest.approx(own.nats.tolist())
        assert found["tokens"] == ["h", "n", "n", "a"]
        json.dumps(found)

    @pytest.mark.parametrize("item", ["", "  ", "x" * 1_001])
    def test_items_that_are_not_looked_at(self, studio: Studio, item: str) -> None:
        run = learnt(studio)
        with pytest.raises((OptionError, DataError)):
            studio.call("explain", {"run": run, "item": item})

    def test_a_long_item_has_no_repair(self, studio: Studio) -> None:
        text = "\n".join(chr(0x4E00 + number) * 3 for number in range(500))
        run = learnt(studio, text, "bigram")
        assert studio.call("explain", {"run": run, "item": "x" * 1_000})["too_long"]

    @pytest.mark.parametrize("item", ["hannah", "emma", "x", "anna"])
    def test_followers_are_counted_as_by_hand(self, studio: Studio, item: str) -> None:
        run = learnt(studio, "\n".join([*NAMES, "emma", "emma"]))
        model = studio.runs[run].trained
        train_items = model.dataset.split("train")
        for position in range(len(item) + 1):
            for length in range(min(model.language_model.block_size, position + 1) + 1):
                asked = {"run": run, "item": item, "position": position, "length": length}
                found = studio.call("followers", asked)
                wanted = by_hand(train_items, item, position, length)
                assert found["length"] == length
                assert found["times"] == wanted.total()
                rows = {row["token"]: row["count"] for row in found["followers"]}
                assert rows == {token: wanted[token] for token in rows}
                most = sorted(wanted.values(), reverse=True)[:SHOWN]
                assert sorted(rows.values(), reverse=True)[: len(most)] == most
                for row in found["followers"]:
                    assert all((row["token"] or "") in text for text in row["items"])

    def test_probabilities_are_of_the_whole_context(self, studio: Studio) -> None:
        run = learnt(studio, model="mlp")
        found = studio.call("followers", {"run": run, "item": "anna", "position": 2, "length": 0})
        model = studio.runs[run].trained
        contexts = np.zeros((1, model.language_model.block_size), dtype=np.intp)
        contexts[0, -2:] = model.vocabulary.encode(["an"])[:2]
        probabilities = np.exp(model.next_log_probs(contexts)[0])
        for row in found["followers"]:
            number = 0 if row["token"] is None else model.vocabulary.numbers[row["token"]]
            assert row["probability"] == pytest.approx(probabilities[number])

    def test_words_and_the_beginning_of_the_list(self) -> None:
        run = Run(
            "1",
            "list",
            lambda: learn(
                ["red fox", "red hen", "fox"], words=True, model="ngram", split=(100, 0, 0)
            ),
        )
        at_once(run)
        studio = Studio(at_once)
        studio.runs["1"] = run
        asked = {"run": "1", "item": "red fox", "position": 1, "length": 2}
        found = studio.call("followers", asked)
        assert (found["context"], found["from_beginning"], found["times"]) == (["red"], True, 2)
        found = studio.call("followers", {**asked, "position": 0, "length": 1})
        assert {row["token"]: row["count"] for row in found["followers"]} == {
            "red": 2,
            "fox": 1,
            "hen": 0,
            None: 0,
        }

    def test_a_position_that_there_is_not(self, studio: Studio) -> None:
        run = learnt(studio)
        with pytest.raises(OptionError, match="from 0 to 4 was wanted, got 5"):
            studio.call("followers", {"run": run, "item": "emma", "position": 5})


def by_hand(items, item: str, position: int, length: int) -> Counter:
    """What followed a context, by going through the list letter by letter."""
    found: Counter = Counter()
    context = f"^{item}"[position + 1 - length : position + 1]
    for text, times in zip(items.texts, items.counts, strict=True):
        for place in range(len(text) + 1):
            if f"^{text}"[: place + 1].endswith(context):
                found[text[place] if place < len(text) else None] += float(times)
    return found
