"""Every command as a person types it: results on standard output, exit codes, one sentence."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.storage import model_file as files
from moreish.text import read_items

SMALL = ("--steps", "30", "--hidden-size", "8", "--block-size", "2")


def test_help_names_every_command(run) -> None:
    result = run("--help")
    assert result.code == 0
    learning = ("train", "evaluate", "compare", "find-lr", "show")
    for command in (*learning, "sample", "top", "score", "export", "demo"):
        assert f"\n  {command} " in result.out
        page = run(command, "--help")
        assert page.code == 0
        assert "Usage: moreish" in page.out
    assert moreish.__all__
    assert run("--version").out.startswith("moreish, version ")


class TestTrain:
    def test_the_losses_on_standard_output_and_all_else_on_standard_error(self, run) -> None:
        result = run("train", "list.txt", *SMALL)
        assert result.code == 0
        assert [line.split()[0] for line in result.lines] == ["split", "train", "dev", "saved"]
        assert "parameters" in result.err
        assert "30 of 30 steps" in result.err
        assert Path("list.safetensors").exists()

    def test_words_have_a_perplexity_and_a_pace(self, run) -> None:
        """The bar of a terminal has them, too; characters have neither."""
        lines = "".join(f"the {a} {b}\n" for a in ("red", "old", "shy") for b in ("hen", "fox"))
        Path("words.txt").write_text(lines * 3)
        options = ("--model", "mlp", "--steps", "20", "--hidden-size", "9")
        result = run("train", "words.txt", "--words", *options, "--softmax", "sampled")
        assert result.code == 0
        assert "Note: the sampled softmax is of no use with 7 different tokens" in result.err
        (line,) = re.findall("20 of 20 .*", result.err)
        loss, perplexity = re.search(r"train (\S+) \(perplexity (\S+)\)", line).groups()
        assert float(perplexity) == pytest.approx(np.exp(float(loss)), abs=0.06)
        assert re.search(r"  [\d,]+ words a second  0 s left$", line)
        _, row, *_ = result.lines
        assert float(row.split()[3]) == pytest.approx(np.exp(float(row.split()[2])), abs=0.06)
        result = run("train", "list.txt", *options)
        assert "perplexity" not in result.out + result.err
        assert "a second" not in result.err

    def test_json(self, run) -> None:
        result = run("train", "list.txt", *SMALL, "--json", "-o", "m", "--seed", "7")
        answer = json.loads(result.out)
        assert answer["model"] == "mixture"
        assert answer["parameters"] == moreish.load("m").language_model.parameter_count
        assert set(answer["nats_per_token"]) == {"train", "dev"}
        assert answer["seconds"] > 0
        assert (answer["seed"], answer["path"], answer["finished"]) == (7, "m", True)

    def test_lists_of_their_own_for_dev_and_test(self, run) -> None:
        Path("dev.txt").write_text("anna\nolive\n")
        Path("test.txt").write_text("mina\n")
        result = run(
            *("train", "list.txt", "--model", "bigram", "--dev", "dev.txt", "--test", "test.txt"),
            "--json",
        )
        answer = json.loads(result.out)
        assert set(answer["nats_per_token"]) == {"train", "dev", "test"}
        assert answer["items"] == {"train": 10, "dev": 2, "test": 1}
        assert "1 of the 2 distinct items of dev.txt is also in list.txt" in result.err

    def test_a_split_of_all_for_training(self, run) -> None:
        result = run("train", "list.txt", "--model", "bigram", "--split", "100/0/0", "--json")
        assert set(json.loads(result.out)["nats_per_token"]) == {"train"}

    def test_from_standard_input(self, run) -> None:
        assert run("train", "-", "--model", "bigram", input=b"emma\nava\n").code == 0
        assert moreish.load("model.safetensors").dataset.items.texts == ["emma", "ava"]

    def test_a_table_with_weights(self, run) -> None:
        Path("t.csv").write_text("who,often\nemma,3\nava,1\n")
        args = ("train", "t.csv", "--model", "bigram", "--split", "100/0/0")
        assert run(*args, "--column", "who", "--weights", "often").code == 0
        assert moreish.load("t.safetensors").dataset.items.counts.tolist() == [3, 1]
        refused = run(*args, "--force")
        assert (refused.code, refused.out) == (2, "")
        assert "who, often" in refused.err

    def test_a_mixture_with_options_of_its_parts(self, run) -> None:
        result = run(
            *(
                "train",
                "list.txt",
                "--model",
                "mixture",
                "--mixture",
                "ngram,mlp",
                *SMALL,
                "--json",
            ),
            *("--smoothing", "witten-bell", "--direct", "--dropout", "0.1", "--share", "0.4"),
        )
        options = json.loads(result.out)["options"]
        assert options["share"] == 0.4
        assert options["parts"][0] == {"block_size": 2, "smoothing": "witten-bell"}
        assert options["parts"][1]["direct"] is True
        assert options["parts"][1]["dropout"] == 0.1

    def test_help_names_every_model(self, run) -> None:
        page = " ".join(run("train", "--help").out.split())
        for name in moreish.models.families():
            assert name in page

    def test_the_bundled_list(self, run) -> None:
        result = run("train", "--model", "bigram", "--json")
        assert sum(json.loads(result.out)["items"].values()) == 29_910
        assert Path("names.safetensors").exists()

    def test_what_exists_is_not_replaced_unless_forced(self, run, model: str) -> None:
        before = Path(model).read_bytes()
        refused = run("train", "list.txt", "--model", "bigram", "--seed", "2")
        assert refused.code == 2
        assert "exists: --force replaces it" in refused.err
        assert Path(model).read_bytes() == before
        assert run("train", "list.txt", "--model", "bigram", "--seed", "2", "--force").code == 0
        assert Path(model).read_bytes() != before

    @pytest.mark.parametrize(
        ("arguments", "code", "sentence"),
        [
            (["nothing.txt"], 1, "can't read nothing.txt: no such file"),
            (["."], 1, "can't read .: is a directory"),
            (["empty.txt"], 1, "no items in empty.txt: it is empty"),
            (["blank.txt"], 1, "2 blank lines were left out"),
            (["nul.txt"], 1, "line 1 of nul.txt has a NUL"),
            (["latin.txt"], 1, "line 2 of latin.txt is not in the expected encoding"),
            (["list.txt", "--model", "oracle"], 2, "no model 'oracle'"),
            (["list.txt", "--model", "bigram", "--steps", "5"], 2, "--steps can't be set"),
            (["list.txt", "--model", "bigram", "--hidden-size", "5"], 2, "not an option of bigram"),
            (["list.txt", "--model", "mlp", "--smoothing", "1"], 2, "--smoothing is not an option"),
            (["list.txt", "--model", "ngram", "--smoothing", "magic"], 2, "no smoothing 'magic'"),
            (["list.txt", "--model", "ngram", "--smoothing", "-1"], 2, "added to each count: 0 or"),
            (["list.txt", "--model", "bigram", "--smoothing", "witten-bell"], 2, "0 or more, got"),
            (["list.txt", "--model", "mixture", "--share", "2"], 2, "a number from 0 to 1"),
            (["list.txt", "--model", "mixture", "--mixture", "mlp"], 2, "of two models"),
            (
                ["list.txt", "--share", "learnt", "--split", "1/0/0"],
                2,
                "nothing is held out for that",
            ),
            (["list.txt", "--dropout", "1"], 2, "less than 1"),
            (["list.txt", "--block-size", "0"], 2, "block size must be 1 or more"),
            (["list.txt", "--block-size", "many"], 2, "not a valid integer"),
            (["list.txt", "--block-size", "60"], 2, "a context can have at most"),
            (["list.txt", "--steps", "0"], 2, "steps must be 1 or more"),
            (["list.txt", "--hidden-size", "9" * 20], 2, "at most 1,000,000"),
            (["list.txt", "--embedding-size", "9" * 20], 2, "at most 1,000,000"),
            (["list.txt", "--split", "80/inf/10"], 2, "their sum finite; got 80/inf/10"),
            (["list.txt", "--split", "80/nan/10"], 2, "their sum finite; got 80/nan/10"),
            (["list.txt", "--split", "1e308/1e308/1e308"], 2, "their sum finite"),
            (["--weights", "births", "--dev", "list.txt"], 2, "wanted too, to read list.txt"),
            (["list.txt", "--seed", "-1"], 2, "a seed is a whole number"),
            (["list.txt", "--seed", "9" * 30], 2, "a seed is a whole number"),
            (["list.txt", "--block-size", "1000000"], 2, "a context can have at most"),
            (["list.txt", "--learning-rate", "1e30"], 1, "learning rate 1e+30 is too high"),
            (["list.txt", "--split", "90"], 2, "three shares"),
            (["list.txt", "--split", "80/10/10", "--dev", "list.txt"], 2, "not both"),
            (["list.txt", "--encoding", "klingon"], 2, "no encoding called 'klingon'"),
            (["list.txt", "--max-length", "0"], 2, "at least 1 character"),
            (["list.txt", "--max-length", "2"], 1, "longer than 2"),
            (["list.txt", "-o", "nowhere/m"], 2, "no folder nowhere"),
            (["list.txt", "-o", "."], 2, "is a folder"),
            (["list.txt", "--frobnicate"], 2, "No such option"),
        ],
    )
    def test_one_sentence_for_what_cannot_be(
        self, run, arguments: list[str], code: int, sentence: str
    ) -> None:
        Path("empty.txt").write_text("")
        Path("blank.txt").write_text("\n \n")
        Path("nul.txt").write_bytes(b"em\0ma\n")
        Path("latin.txt").write_bytes(b"emma\njos\xe9\n")
        before = set(os.listdir())
        result = run("train", *arguments)
        assert result.code == code
        assert sentence in result.err
        assert "Warning" not in result.err
        assert result.out == ""
        assert set(os.listdir()) == before

    def test_a_single_item_is_learnt_with_a_remark(self, run) -> None:
        result = run("train", "-", *SMALL, input=b"emma\nemma\n")
        assert result.code == 0
        assert "only one item" in result.err

    def test_a_million_characters_in_a_line_are_left_out_with_a_remark(self, run) -> None:
        result = run("train", "-", "--model", "bigram", input=b"emma\n" + b"x" * 1_000_000)
        assert result.code == 0
        assert "line 2 (1,000,000 characters) was left out" in result.err

    def test_a_full_disk_keeps_the_model_elsewhere(
        self, run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        spare = tmp_path / "spare"
        spare.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(spare))
        write = files.write_file

        def full(place: Path, *rest: object) -> None:
            if Path(place).parent != spare:
                raise moreish.ModelFileError(f"can't write {place}: the disk is full")
            write(place, *rest)

        monkeypatch.setattr("moreish.model.write_file", full)
        result = run("train", "list.txt", "--model", "bigram")
        assert result.code == 1
        assert "the disk is full. The model is in " in result.err
        (kept,) = spare.iterdir()
        assert moreish.load(kept).sample(1)
        assert not Path("list.safetensors").exists()

    def test_a_disk_that_is_really_full(self, tmp_path: Path) -> None:
        program = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
            "from moreish.cli.main import main; main(['train', '--model', 'bigram'])"
        )
        # -B: Python would keep bytecode that is cut short by the same limit, for every later run.
        result = subprocess.run(
            [sys.executable, "-B", "-c", program], cwd=tmp_path, capture_output=True, text=True
        )
        assert result.returncode == 1
        assert "\nError: can't write names.safetensors" in result.stderr
        assert "Traceback" not in result.stderr
        assert os.listdir(tmp_path) == []

    @pytest.mark.long
    def test_stopped_by_control_c_the_model_so_far_is_kept(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "moreish", "train", "--steps", "1000000", "--json"]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        begun, until = tmp_path / "names.safetensors.checkpoint", time.monotonic() + 60
        while not begun.exists() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.1)  # a record comes every 1,000 steps: stop between two
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "Stopped after" in err
        assert "Traceback" not in err
        answer = json.loads(out)
        assert answer["finished"] is False
        assert 0 < answer["steps"] < 1_000_000
        assert moreish.load(tmp_path / "names.safetensors").sample(3)

    def test_stopped_before_there_is_a_model(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        def stopped(*arguments: object, **options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("moreish.cli.train.learn", stopped)
        result = run("train", "list.txt")
        assert (result.code, result.out, result.err) == (130, "", "\nStopped.\n")


class TestSample:
    def test_one_item_a_line(self, run, model: str) -> None:
        result = run("sample", model, "-n", "7", "--seed", "3")
        assert result.lines == moreish.load(model).sample(7, seed=3)
        assert result.err == ""
        assert run("sample", model, "-n", "0").out == ""

    def test_json_says_what_is_new(self, run, model: str) -> None:
        result = run("sample", model, "-n", "200", "--json")
        rows = [json.loads(line) for line in result.lines]
        known = moreish.load(model).dataset.known
        assert len(rows) == 200
        for row in rows:
            assert row["new"] == (row["item"] not in known)
            assert row["in"] == known.get(row["item"])
            assert row["nats"] > 0

    def test_limits(self, run, model: str) -> None:
        result = run(
            *("sample", model, "-n", "20", "--prefix", "a", "--new", "--unique"),
            *("--min-length", "3", "--max-length", "6", "--top-k", "9", "--temperature", "1.1"),
        )
        assert result.code == 0
        assert len(set(result.lines)) == 20
        assert all(line[0] == "a" and 3 <= len(line) <= 6 for line in result.lines)

    def test_patterns_and_parts(self, run, model: str) -> None:
        constraints = ["--suffix", "a", "--contains", "nn", "--matches", ".*[an]{3}.*", "--new"]
        result = run("sample", model, "-n", "30", *constraints)
        assert len(result.lines) == 30
        assert all(line.endswith("a") and "nn" in line for line in result.lines)
        best = run("top", model, "-n", "5", *constraints)
        assert len(best.lines) == 5
        assert all(line.endswith("a") and "nn" in line for line in best.lines)

    def test_what_is_only_nearly_exact_is_said(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        run("train", "list.txt", "--model", "mlp", "--steps", "5", "-o", "deep")
        monkeypatch.setattr("moreish.generate.chain.MOST_CELLS", 200_000)
        result = run("sample", "deep", "-n", "3", "--suffix", "a")
        assert len(result.lines) == 3
        assert result.err.startswith("Note: the model is too large to sample exactly")
        assert result.err.count("\n") == 1

    @pytest.mark.parametrize(
        ("arguments", "code", "sentence"),
        [
            (["nothing"], 1, "can't read the model nothing: no such file"),
            (["list.txt"], 1, "list.txt is text, not a model file"),
            (["list.safetensors", "-n", "-3"], 2, "-n is a number of items"),
            (["list.safetensors", "--seed", "9" * 30], 2, "a seed is a whole number"),
            (["list.safetensors", "--prefix", "Q"], 1, "'Q'"),
            (["list.safetensors", "--temperature", "-1"], 2, "temperature must be 0 or more"),
            (["list.safetensors", "--matches", "(a"], 2, "unterminated subpattern, at the arrow"),
            (["list.safetensors", "--matches", "a{4294967296}"], 2, "repeats so often that"),
            (["list.safetensors", "--matches", "[" * 100_000], 2, "at most 10,000 characters"),
            (["list.safetensors", "--matches", "[" * 9_000], 2, "unterminated character set, at"),
            (["list.safetensors", "--prefix", "a" * 5_000], 2, "at most 3,998 tokens, got 5,000"),
            (["list.safetensors", "--matches", "a{9}", "--max-length", "8"], 2, "at most 8"),
            (["list.safetensors", "--suffix", "a", "--matches", ".*n"], 2, "rules out all that"),
            (["list.safetensors", "--temperature", "nan"], 2, "temperature must be 0 or more"),
            (["list.safetensors", "--min-length", "9", "--max-length", "3"], 2, "no item can"),
        ],
    )
    def test_one_sentence_for_what_cannot_be(
        self, run, model: str, arguments: list[str], code: int, sentence: str
    ) -> None:
        result = run("sample", *arguments)
        assert (result.code, result.out) == (code, "")
        assert sentence in result.err

    @pytest.mark.parametrize("count", ["100000", "9" * 20])
    def test_a_reader_who_has_had_enough(self, run, model: str, count: str) -> None:
        program = f"'{sys.executable}' -m moreish sample {model} -n {count} | head -1"
        result = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
        assert result.stdout.count("\n") == 1
        assert result.stderr == ""


class TestTop:
    def test_the_likeliest_first(self, run, model: str) -> None:
        result = run("top", model, "-n", "5", "--prefix", "a", "--new", "--max-length", "6")
        constraints = {"prefix": "a", "new": True, "max_length": 6}
        assert result.lines == moreish.load(model).top(5, **constraints)
        rows = [json.loads(line) for line in run("top", model, "-n", "9", "--json").lines]
        nats = [row["nats"] for row in rows]
        assert nats == sorted(nats)
        assert {row["new"] for row in rows} <= {True, False}

    def test_what_cannot_be(self, run, model: str) -> None:
        assert run("top", model, "-n", "-1").code == 2
        assert run("top", model, "--prefix", "Q").code == 1


class TestScore:
    def test_a_row_an_item_in_their_order(self, run, model: str) -> None:
        result = run("score", model, "-", input=b"emma\nxqzt\n\nemma\n")
        rows = [line.split("\t") for line in result.lines]
        assert [row[-1] for row in rows] == ["emma", "xqzt", "emma"]
        loaded = moreish.load(model).scores(["emma", "xqzt"])
        assert float(rows[1][0]) == pytest.approx(loaded.nats[1], abs=1e-3)
        assert float(rows[1][1]) == pytest.approx(loaded.nats_per_token[1], abs=1e-3)
        assert float(rows[0][2]) == pytest.approx(loaded.percentile[0], abs=0.1)
        assert "1 blank line" in result.err
        assert "not in the training data, so" in result.err
        assert "'q', 't', 'x', 'z'" in result.err

    def test_json(self, run, model: str) -> None:
        result = run("score", model, "list.txt", "--json")
        rows = [json.loads(line) for line in result.lines]
        assert [row["item"] for row in rows] == Path("list.txt").read_text().split()
        for row in rows:
            assert row["tokens"] == len(row["item"]) + 1
            assert row["nats_per_token"] == pytest.approx(row["nats"] / row["tokens"])
            assert 0 <= row["percentile"] <= 100
            assert row["in"] in ("train", "dev", "test")

    def test_infinity_is_null_in_json(self, run) -> None:
        run("train", "list.txt", "--model", "bigram", "--smoothing", "0", "-o", "m")
        row = json.loads(run("score", "m", "-", "--json", input=b"aaaaaa").out)
        assert row["nats"] is None

    def test_without_a_file_the_models_own_list(self, run, model: str) -> None:
        assert len(run("score", model).lines) == 10

    def test_nothing_to_score(self, run, model: str) -> None:
        result = run("score", model, "-", input=b"\n")
        assert (result.code, result.out) == (1, "")


class TestEvaluate:
    def test_each_split(self, run, model: str) -> None:
        result = run("evaluate", model)
        assert [line.split()[0] for line in result.lines] == ["split", "train", "dev", "test"]
        answer = json.loads(run("evaluate", model, "--json").out)
        loaded = moreish.load(model)
        for split in ("train", "dev", "test"):
            assert answer["nats_per_token"][split] == loaded.nats_per_token(split)
            low, high = answer["interval"][split]
            if len(loaded.dataset.split(split)) == 1:  # one item does not say how items vary
                assert (low, high) == (None, None)
                continue
            assert loaded.interval(split) == (low, high)
            assert low - 1e-9 <= answer["nats_per_token"][split] <= high + 1e-9
            assert f"{low:.4f} to {high:.4f}" in result.out
        assert answer["parameters"] == loaded.language_model.parameter_count

    def test_what_is_impossible(self, run) -> None:
        run("train", "list.txt", "--model", "bigram", "--smoothing", "0", "-o", "m")
        assert "inf to inf" in run("evaluate", "m", "-", input=b"aaaaaa\n").out
        answer = json.loads(run("evaluate", "m", "-", "--json", input=b"aaaaaa\n").out)
        assert answer["interval"] == {"test": [None, None]}

    def test_a_loss_too_high_for_a_perplexity(self, run) -> None:
        run(
            "train",
            "list.txt",
            "--model",
            "mlp",
            *SMALL,
            "--learning-rate",
            "1000",
            "--steps",
            "5",
            "-o",
            "m",
        )
        assert " inf" in run("evaluate", "m").out
        assert json.loads(run("evaluate", "m", "--json").out)["perplexity"]["dev"] is None

    def test_another_list(self, run, model: str) -> None:
        result = run("evaluate", model, "-", "--json", input=b"emma\nzoe\nemma\n")
        answer = json.loads(result.out)
        expected = moreish.load(model).nats_per_token(["emma", "zoe", "emma"])
        assert answer["nats_per_token"] == {"test": pytest.approx(expected)}
        assert answer["items"] == {"test": 2}


class TestExport:
    def test_an_arpa_file_for_others_and_for_the_other_commands(self, run) -> None:
        run("train", "list.txt", "--model", "ngram", "-o", "m")
        result = run("export", "m", "m.arpa")
        assert (result.code, result.out) == (0, "saved in m.arpa\n")
        assert Path("m.arpa").read_text().startswith("\\data\\\n")
        assert run("sample", "m.arpa", "--seed", "2").out == run("sample", "m", "--seed", "2").out
        assert run("evaluate", "m.arpa", "list.txt").out == run("evaluate", "m", "list.txt").out
        rows = [json.loads(line) for line in run("score", "m.arpa", "list.txt", "--json").lines]
        assert all(row["percentile"] is None and row["in"] is None for row in rows)

    def test_it_says_what_kenlm_does_not_read(self, run) -> None:
        for block_size, note in (("5", False), ("6", True), ("7", True)):
            own = ("--model", "ngram", "--block-size", block_size)
            assert run("train", "list.txt", *own, "-o", "m", "--force").code == 0
            result = run("export", "m", "m.arpa", "--force")
            assert (result.code, result.out) == (0, "saved in m.arpa\n")
            sentence = f"Note: the file is of order {int(block_size) + 1}, and KenLM reads order 6"
            assert (sentence in result.err) == note

    def test_a_word_that_stands_for_a_blank(self, run) -> None:
        unigrams = "-99 <s>\n-0.5 </s>\n-0.5 a\n-0.5 b\n-0.5 <space>\n-2 <unk>\n"
        Path("m.arpa").write_text(f"\\data\\\nngram 1=6\n\n\\1-grams:\n{unigrams}\n\\end\\\n")
        Path("items.txt").write_text("ab a\n")
        blank = ("--blank", "<space>")
        assert run("score", "m.arpa", "items.txt", *blank).out.startswith("5.756\t")
        answer = json.loads(run("evaluate", "m.arpa", "items.txt", *blank, "--json").out)
        assert answer["tokens"] == {"test": 5}
        drawn = run("sample", "m.arpa", *blank, "-n", "200").lines
        assert any(" " in item for item in drawn)
        assert set("".join(drawn)) == set("ab ")
        assert run("top", "m.arpa", "-n", "2", *blank).lines == ["a", "b"]
        assert run("export", "m.arpa", "again.arpa", *blank).code == 0
        assert "<U+0020>" in Path("again.arpa").read_text()
        assert run("score", "again.arpa", "items.txt").out.startswith("5.756\t")
        run("train", "list.txt", "--model", "ngram", "-o", "m")
        for arguments, code, sentence in [
            (("score", "m.arpa", "items.txt", "--blank", "|"), 1, "it has no token '|', which was"),
            (("sample", "m", "--blank", "|"), 2, "a blank is named in an ARPA file, and m is none"),
        ]:
            result = run(*arguments)
            assert (result.code, result.out) == (code, "")
            assert sentence in result.err

    def test_words_of_other_programs_are_found_in_lists(self, run) -> None:
        """Blanks of Unicode inside a word, and characters that are not in NFC."""
        words = ["fo\u00a0x", "\u3000", "e\u0301"]
        unigrams = "".join(f"-0.5 {word}\n" for word in ("<s>", "</s>", *words))
        Path("m.arpa").write_text(f"\\data\\\nngram 1=5\n\n\\1-grams:\n{unigrams}\n\\end\\\n")
        Path("items.txt").write_text("".join(f" {word}  {word}\n" for word in words))
        result = run("score", "m.arpa", "items.txt")
        assert "Note" not in result.err
        assert [line.split("\t")[0] for line in result.lines] == ["3.454"] * 3
        drawn = run("sample", "m.arpa", "-n", "50").out
        assert all(word in drawn for word in words)
        Path("items.txt").write_text("fox\n\u00e9\n")
        result = run("score", "m.arpa", "items.txt")
        assert "not in the vocabulary, so judged as <unk>: 'fox', '\u00e9'" in result.err

    def test_one_sentence_for_what_cannot_be(self, run, model: str) -> None:
        run("train", "list.txt", "--model", "ngram", "-o", "m")
        run("export", "m", "m.arpa")
        for arguments, code, sentence in [
            (("export", model, "b.arpa"), 2, "only an ngram can be an ARPA file"),
            (("export", "m", "m.arpa"), 2, "m.arpa exists: --force replaces it"),
            (("export", "m", "nowhere/m.arpa"), 2, "there is no folder nowhere"),
            (("export", "nothing", "n.arpa"), 1, "can't read the model nothing"),
            (("evaluate", "m.arpa"), 2, "m.arpa has no list of its own"),
            (("score", "m.arpa"), 2, "m.arpa has no list of its own"),
        ]:
            result = run(*arguments)
            assert (result.code, result.out) == (code, ""), arguments
            assert sentence in result.err
        assert run("export", "m", "m.arpa", "--force").code == 0


@pytest.mark.long
def test_the_demo(run) -> None:
    result = run("demo")
    assert result.code == 0
    assert "20 names that are not in the list" in result.out
    known = set(moreish.text.read_items(None).texts)
    names = result.out.split(":\n\n")[1].split()
    assert len(set(names)) == 20
    assert known.isdisjoint(names)
    assert re.search(r"(\d+) of \1 steps", result.err)


def test_an_unreadable_file_is_a_sentence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", refused)
    result = run("train", "list.txt")
    assert (result.code, result.err) == (1, "Error: can't read list.txt: permission denied.\n")


class TestWhatBelongs:
    """Flags, explanations, the ledger and classes."""

    MANY = "\n".join(read_items(None).texts[:1_200]).encode() + b"\n"

    @pytest.fixture
    def many(self, run) -> str:
        assert run("train", "-", "--model", "ngram", "-o", "many", input=self.MANY).code == 0
        return "many"

    def test_flags(self, run, many: str) -> None:
        result = run("score", many, "-", "--flag-rate", "0.05", input=b"emma\nxqzqqx\n")
        assert [line.split("\t")[3] for line in result.lines] == ["-", "flagged"]
        options = ("--flag-rate", "0.05", "--json")
        rows = map(json.loads, run("score", many, "-", *options, input=b"emma\nxqzqqx\n").lines)
        assert [row["flagged"] for row in rows] == [False, True]

    def test_the_rate_on_test(self, run, many: str) -> None:
        result = run("evaluate", many, "--flag-rate", "0.1")
        found = json.loads(run("evaluate", many, "--flag-rate", "0.1", "--json").out)["flagged"]
        scores = moreish.load(many).scores(
            moreish.load(many).dataset.split("test").texts, flag_rate=0.1
        )
        assert found["flagged"] == int(scores.flagged.sum())
        assert found["interval"][0] < found["rate"] < found["interval"][1]
        assert f"{found['flagged']} of {found['items']} items of test" in result.lines[-1]

    @pytest.mark.parametrize("rate", ["0", "1", "-1", "nan", "0.0001"])
    def test_a_rate_that_cannot_be(self, run, many: str, rate: str) -> None:
        for command in ("score", "evaluate"):
            result = run(command, many, "--flag-rate", rate)
            assert (result.code, result.out) == (2, "")
            assert "flag rate" in result.err

    def test_explain(self, run, many: str) -> None:
        lines = run("score", many, "-", "--explain", input=b"emmqa\n").lines
        assert lines[0].endswith("\temmqa")
        assert re.fullmatch(
            r"    e [\d.]+  m [\d.]+  m [\d.]+  q [\d.]+  a [\d.]+  end [\d.]+", lines[1]
        )
        assert re.fullmatch(r"    emma: without 'q' at 4, [\d.]+ nats less", lines[2])
        row = json.loads(run("score", many, "-", "--explain", "--json", input=b"emmqa\n").out)
        assert row["repair"] == "emma"
        assert sum(row["surprise"]) == pytest.approx(row["nats"])

    def test_what_is_trained_and_not_counted_is_said(self, run, many: str) -> None:
        trained = moreish.load(many).dataset.split("train").texts[0].encode() + b"\n"
        assert "stays" not in run("score", many, "-", input=trained).err
        run("train", "list.txt", *SMALL, "-o", "m")
        assert "what mlp learnt from them stays" in run("score", "m").err

    def test_the_ledger(self, run, many: str) -> None:
        for command in (("sample", many), ("top", many)):
            for line in run(*command, "-n", "4", "--json").lines:
                row = json.loads(line)
                names = ["item", "nats", "new", "in", "nearest", "distance", "copied"]
                assert list(row) == names
                assert (row["distance"] > 0) == row["new"]
                assert row["copied"] in row["item"]

    def test_the_summary(self, run, many: str) -> None:
        result = run("sample", many, "-n", "50", "--summary", "--new")
        assert len(result.lines) == 50
        assert "50 items: 100.0 % new" in result.err
        assert run("sample", many, "-n", "50", "--new").err == ""
        share = 100 * moreish.load(many).probability(new=True)
        assert f"Of all that the model makes, {share:.3g} % meets the constraints." in result.err
        result = run("sample", many, "-n", "5", "--summary", "--new", "--temperature", "1")
        assert f"{share:.3g} % meets the constraints." in result.err
        for options in ((), ("--new", "--temperature", "0.5")):
            assert "Of all" not in run("sample", many, "-n", "5", "--summary", *options).err

    @pytest.mark.parametrize(
        "constraints", [("--matches", "["), ("--prefix", "é"), ("--suffix", "é")]
    )
    def test_none_under_limits_that_cannot_be(self, run, many: str, constraints) -> None:
        one, none = (run("sample", many, "-n", count, *constraints) for count in "10")
        assert none.code == one.code > 0
        assert none.err == one.err != ""

    def test_classes(self, run, many: str) -> None:
        others = "\n".join(f"{n}{n + 1:02d}" for n in range(100, 900)).encode()
        run("train", "-", "--model", "ngram", "-o", "numbers.safetensors", input=others)
        models = (many, "numbers.safetensors")
        result = run("classify", *models, "--items", "-", input=b"emma\n123124\n")
        assert [line.split("\t")[0] for line in result.lines] == ["many", "numbers"]
        row = json.loads(run("classify", *models, "--items", "-", "--json", input=b"emma\n").out)
        assert row["class"] == "many"
        assert sum(row["probabilities"].values()) == pytest.approx(1)
        judged = run("classify", *models)
        assert judged.lines[-1].startswith("100.0 % right")
        assert json.loads(run("classify", *models, "--json").out)["accuracy"] == 1

    @pytest.mark.parametrize(
        ("models", "code", "sentence"),
        [
            (("many",), 2, "two models or more"),
            (("many", "many"), 2, "given twice"),
            (("many", "nope"), 1, "can't read the model nope"),
            (("many", "list.txt"), 1, "list.txt"),
        ],
    )
    def test_classes_that_cannot_be(
        self, run, many: str, models: tuple[str, ...], code: int, sentence: str
    ) -> None:
        result = run("classify", *models, "--items", "-", input=b"emma\n")
        assert (result.code, result.out) == (code, "")
        assert sentence in result.err
