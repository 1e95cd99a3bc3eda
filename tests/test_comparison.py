"""All families on the same items: judged alike, the best first, in pairs."""

import json

import pytest

import moreish
from moreish.comparison import comparing
from moreish.errors import DataError, OptionError
from moreish.models import families
from moreish.text import read_items

NAMES = [a + b + c for a in ("an", "han", "su", "jo") for b in ("na", "ni") for c in ("", "h", "a")]


def test_every_family_is_judged_by_the_same_items() -> None:
    comparison = comparing(NAMES)
    trained = {name for name, record in comparison if record.step}
    assert trained == {"mlp", "mixture", "neural-bigram"}
    ranking = comparison.ranking()
    assert sorted(one.name for one in ranking) == sorted(families())
    held_out = {tuple(one.model.dataset.split("dev").texts) for one in ranking}
    assert len(held_out) == 1
    losses = [one.model.nats_per_token("dev") for one in ranking]
    assert losses == sorted(losses)
    assert ranking[0].behind == (0.0, 0.0)
    assert all(one.behind.high >= 0 for one in ranking)
    assert all("test" not in one.model.report.nats_per_token for one in ranking)


def test_a_list_for_test_is_read_and_chooses_nothing() -> None:
    ranking = moreish.compare(NAMES, ["bigram", "ngram"], dev=["anna"], test=["hanna"])
    for one in ranking:
        expected = one.model.nats_per_token(["hanna"])
        assert one.model.report.nats_per_token["test"] == pytest.approx(expected)


def test_what_can_not_be_compared_is_said() -> None:
    with pytest.raises(OptionError, match="reads the list anew"):
        moreish.compare("-")
    with pytest.raises(OptionError, match="reads the list anew"):
        moreish.compare(iter(NAMES))
    with pytest.raises(OptionError, match="there is no model 'trigram'"):
        moreish.compare(NAMES, ["trigram"])


def test_the_verdict_follows_the_losses() -> None:
    learning = moreish.learn(read_items(None).texts[:300], model="ngram")
    assert learning.verdict() is None
    assert [*learning] == []
    model = learning.model()
    said = learning.verdict()
    assert said is not None
    assert f"dev {model.nats_per_token('dev'):.3f}" in said.sentence
    alone = moreish.learn(NAMES, model="bigram", split=(100, 0, 0))
    assert [*alone] == []
    assert alone.model()
    assert alone.verdict() is None


def test_the_command(tmp_path, monkeypatch, capsys) -> None:
    from moreish.cli.main import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("\n".join(NAMES))
    for arguments in (["list.txt", "--models", "bigram,ngram"], ["-"]):
        with pytest.raises(SystemExit) as stopped:
            main(["compare", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert stopped.value.code == (0 if "list.txt" in arguments else 2)
        if arguments[0] == "list.txt":
            assert {line.split()[0] for line in out.splitlines()[1:]} == {"bigram", "ngram"}
            assert out.splitlines()[0].split()[:2] == ["model", "dev"]
    with pytest.raises(SystemExit):
        main(["compare", "list.txt", "--models", "bigram,ngram", "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(row["nats_per_token"]["dev"] > 0 and row["bytes"] > 0 for row in rows)
    assert rows[0]["behind"] == [0.0, 0.0]


def test_what_cannot_be_compared_is_said_before_anything_is_learnt() -> None:
    with pytest.raises(DataError, match="held out as dev, and there are none"):
        moreish.compare(NAMES, ["bigram", "ngram"], split=(100, 0, 0))


@pytest.mark.parametrize("shared", [2, 20])
def test_a_dev_that_was_trained_on_or_is_tiny_says_nothing(shared: int) -> None:
    names = read_items(None).texts[:100]
    learning = moreish.learn(names, model="ngram", dev=names[:shared])
    assert [*learning] == []
    assert learning.model()
    said = learning.verdict()
    assert said is not None
    assert (
        said.sentence == f"can't be judged: {shared} of the {shared} items of dev were trained on"
    )
