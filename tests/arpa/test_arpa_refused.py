"""ARPA files that can't be read: one sentence says what is wrong and where, in little memory."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import moreish
from arpa_files import OK, Definition, written
from moreish.errors import ModelFileError
from moreish.models.arpa_writer import is_arpa

NO_END = re.sub(r".*</s>.*\n", "", OK)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (OK[: len(OK) // 2], r"before a line \2-grams: - was it cut short?"),
        (OK[:17], "ends within its head: was it cut short?"),
        (OK.replace("\\end\\", ""), r"before a line \end\ - was it cut short?"),
        (OK.replace("1=5", "1=6"), r"line 12 ends the grams of order 1: there are 5, and not 6"),
        (OK.replace("1=5", "1=4"), "line 10 is one gram of order 1 more than the 4 of its head"),
        (OK.replace("1=5", "1=x"), "line 2 is 'ngram 1=x': after \\data\\ lines as ngram 1=5"),
        (OK.replace("ngram 1=5\n", ""), "line 2 is 'ngram 2=5', not ngram 1="),
        (OK.replace("\\2-grams:", "\\3-grams:"), r"line 12 is '\\3-grams:', where \2-grams: was"),
        (OK.replace("-0.2", "oops"), "line 14 has 'oops' where a number was wanted"),
        (OK.replace("-0.2", "0.2"), "line 14 has '0.2' for the logarithm of a probability: 0 or"),
        (OK.replace("-0.2", "nan"), "line 14 has 'nan' where a number was wanted"),
        (OK.replace("-0.1\n", "inf\n"), "line 9 has 'inf' where a number was wanted"),
        (OK.replace("-0.39794", "-0,39794"), "line 8 has '-0,39794' with a decimal comma: a point"),
        (OK.replace("red fox", "red dog"), "line 14 has 'dog' in a gram, which is not among"),
        (OK.replace("red fox", "red </s>"), "line 15 has a gram that was there before"),
        (OK.replace("\tfox\t", "\tred\t"), "line 9 has the token 'red' again"),
        (OK.replace("\tfox\t", "\t<U+0072>ed\t"), "line 9 has the token 'red' again"),
        (OK.replace("\tfox\t", "\t<UNK>\t"), "line 10 has <unk> again"),
        (OK.replace("fox </s>", "fox x y </s>"), "line 16 is no gram of order 2"),
        (NO_END, "it has no </s> among the grams of order 1"),
        (OK.replace("s>", "S>"), "it has no <s> among the grams of order 1, but '<S>': marks are"),
        (OK.replace("<s>", "<S>"), "it has no <s> among the grams of order 1, but '<S>'"),
        (OK.replace("fox", "<U+000A>").replace("red", "a"), r"line 9 has '\n' for a token"),
        (OK.replace("fox", "f\udcfcchs"), "line 9 is not in UTF-8 (byte 0xfc)"),
        (OK + "\0", None),
        (OK.replace("fox", "f\0x"), "line 9 has a NUL character: is the file in UTF-16?"),
        (OK.replace("fox", "x" * 70_000), "line 9 is longer than 65,536 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, sentence: str | None) -> None:
    counts = re.findall(r"(?s)\\(\d)-grams:\n(.*?)\n\n", text) if text is NO_END else []
    for order, lines in counts:
        size = len(lines.split("\n"))
        text = re.sub(rf"ngram {order}=\d", f"ngram {order}={size}", text)
    (tmp_path / "m.arpa").write_bytes(text.encode("utf-8", "surrogateescape"))
    if sentence is None:
        assert moreish.load(tmp_path / "m.arpa")
        return
    with pytest.raises(ModelFileError) as caught:
        moreish.load(tmp_path / "m.arpa")
    assert str(caught.value).startswith(f"can't read the ARPA file {tmp_path / 'm.arpa'}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "m.arpa").write_text(OK, encoding=encoding)
    with pytest.raises(ModelFileError, match=r"line 1 .* UTF-16.* UTF-8"):
        moreish.load(tmp_path / "m.arpa")


def test_a_packed_file_that_is_damaged(tmp_path: Path) -> None:
    packed = gzip.compress(OK.encode())
    for content in (packed[:-20], packed[:40] + b"\0\0\0" + packed[43:], packed[:-8] + b"12345678"):
        (tmp_path / "m.arpa").write_bytes(content)
        with pytest.raises(ModelFileError):
            moreish.load(tmp_path / "m.arpa")


def test_a_name_that_says_what_it_is_meant_to_be(tmp_path: Path) -> None:
    """By its name the file is an ARPA file, so what is wrong is told as of one."""
    (tmp_path / "m.arpa").write_text("no head\n")
    with pytest.raises(ModelFileError, match=r"ARPA file .*: it has no line \\data"):
        moreish.load(tmp_path / "m.arpa")
    (tmp_path / "m.arpa").write_bytes(gzip.compress(OK.encode()) + b"junk")
    with pytest.raises(ModelFileError, match="what follows its packed part is not packed"):
        moreish.load(tmp_path / "m.arpa")


def test_other_files_are_none(tmp_path: Path) -> None:
    """Not even a model whose list has the head of such files in it."""
    model = moreish.train(["\\data\\", "anna"], model="bigram", split=(100, 0, 0))
    model.save(tmp_path / "m")
    assert b"\\data\\" in (tmp_path / "m").read_bytes()
    assert not any(map(is_arpa, (tmp_path / "m", tmp_path, tmp_path / "nothing")))
    assert moreish.load(tmp_path / "m").vocabulary.tokens == model.vocabulary.tokens


@pytest.mark.long
def test_many_words(tmp_path: Path) -> None:
    """What fits is read; of what does not a sentence says why."""

    def text(order: int) -> str:
        words = [f"w{n}" for n in range(60_000)]
        lines = [f"-5\t{word}\t-0.1" for word in words]
        grams = [["-99\t<s>", "-1\t</s>", "-2\t<unk>", *lines]]
        grams += [[f"-1\t{' '.join(words[:n])}"] for n in range(2, order + 1)]
        sizes = [f"ngram {n}={len(own)}" for n, own in enumerate(grams, 1)]
        own = [f"\n\\{n}-grams:\n" + "\n".join(lines) for n, lines in enumerate(grams, 1)]
        return "\n".join(["\\data\\", *sizes, *own, "", "\\end\\", ""])

    model = moreish.load(written(tmp_path, text(3)))
    expected = Definition(text(3)).nats(["w0", "w1", "w2", "w59999", "x"])
    np.testing.assert_allclose(model.surprise("w0 w1 w2 w59999 x"), expected)
    for order in (4, 5):
        with pytest.raises(
            ModelFileError,
            match=rf"it is of order {order} and has 60,000 tokens, which is too large: with so "
            r"many tokens order 3 at most can be read",
        ):
            moreish.load(written(tmp_path, text(order)))


UNIGRAMS = OK[: OK.index("\n\n\\2")].replace("2=5", "2=99999999999")
BOMBS = {  # what comes first, and what then comes 1,000 times, 10 MB each
    "blank": (b"", b"\n"),
    "blank within": (UNIGRAMS.encode(), b"\n"),
    "NUL": (b"", b"\0"),
    "one line": (b"", b"x"),
    "before the head": (b"", b"text\n"),
    "in the head": (b"\\data\\\n", b" \n"),
    "one gram": (UNIGRAMS.encode() + b"\n\n\\2-grams:\n", b"-1\tred fox\n"),
    "a gram that is left out": (UNIGRAMS.encode() + b"\n\n\\2-grams:\n", b"-1\tred <s>\n"),
    "one token": (b"\\data\\\nngram 1=99999999999\n\\1-grams:\n", b"-1\tred\n"),
    "marks": (b"\\data\\\nngram 1=9\nngram 2=9\n\\1-grams:\n-1 <s>\n", b"-1\t</s>\n"),
}


# Linux keeps in ru_maxrss what the parent had before; VmHWM is the program's own.
PROGRAM = r"""
import re, resource, sys
from pathlib import Path
import moreish

for path in sys.argv[1:]:
    try:
        moreish.load(path)
    except moreish.errors.ModelFileError as error:
        print(error)
status = Path("/proc/self/status")
if status.exists():
    print(1024 * int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.long
def test_what_unpacks_to_ten_gigabytes_ends_in_a_sentence(tmp_path: Path) -> None:
    for number, (first, part) in enumerate(BOMBS.values()):
        packed = gzip.compress(part * (10_000_000 // len(part)))
        (tmp_path / f"{number}.arpa").write_bytes(gzip.compress(first) + 1_000 * packed)
    paths = [str(tmp_path / f"{number}.arpa") for number in range(len(BOMBS))]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *paths], capture_output=True, text=True, timeout=100
    )
    assert done.stderr == ""
    *sentences, peak = done.stdout.splitlines()
    assert len(sentences) == len(BOMBS)
    assert all(len(sentence) < 400 for sentence in sentences)
    assert 20_000_000 < int(peak) < 300_000_000
