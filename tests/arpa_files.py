"""ARPA files by their definition alone, to compare with: it shares no code with the project."""

import math
import re
from pathlib import Path

from hypothesis import strategies as st

UNKNOWN = "<unk>"
OK = """\\data\\
ngram 1=5
ngram 2=5

\\1-grams:
-99\t<s>\t-0.30103
-0.69897\t</s>
-0.39794\tred\t-0.30103
-0.69897\tfox\t-0.1
-1.0\t<unk>

\\2-grams:
-0.1\t<s> red
-0.2\tred fox
-0.5\tred </s>
-0.05\tfox </s>
-0.9\tfox red

\\end\\
"""


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "m.arpa"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


class Definition:
    """What an ARPA file says: what is given for the longest gram that is listed, and otherwise the
    back-off weight of the context, 1 where there is none, times what is said after a shorter one.
    A word that has no unigram is `<unk>`, of 10 to the power of -100 where it is not listed."""

    def __init__(self, text: str) -> None:
        self.log_probs: dict[tuple[str, ...], float] = {(UNKNOWN,): -100.0}
        self.weights: dict[tuple[str, ...], float] = {}
        self.sizes = [int(size) for size in re.findall(r"ngram \d+=(\d+)", text)]
        self.order = len(self.sizes)
        self.lines: list[tuple[str, ...]] = []
        for n in range(1, self.order + 1):
            section = re.split(r"\n\\", text.split(f"\\{n}-grams:")[1])[0].split("\n")
            section = [line for line in section if line]
            assert len(section) == self.sizes[n - 1]
            for line in section:
                log_prob, *fields = re.split(r"[ \t]+", line)
                words = tuple(fields[:n])
                assert len(fields) in (n, n + 1)
                self.lines.append(words)
                self.log_probs[words] = float(log_prob)
                self.weights[words] = float(fields[n]) if len(fields) > n else 0.0

    def log_prob(self, word: str, context: tuple[str, ...]) -> float:
        context = context[-(self.order - 1) :] if self.order > 1 else ()
        if (*context, word) in self.log_probs:
            return self.log_probs[(*context, word)]
        return self.weights.get(context, 0.0) + self.log_prob(word, context[1:])

    def nats(self, words: list[str]) -> list[float]:
        """Of each word after those before it, and of the end."""
        known = [word if (word,) in self.log_probs else UNKNOWN for word in words]
        line = ("<s>", *known)
        return [
            -self.log_prob(word, line[: i + 1]) * math.log(10)
            for i, word in enumerate([*known, "</s>"])
        ]


@st.composite
def files(draw: st.DrawFn, words: list[str]) -> str:
    """The text of a file of order 1 to 6, of some of these words: grams of any, with `<unk>` at
    any place, with weights and without, and with gaps: contexts and ends that are not listed. Some
    grams are of no use, as they have a mark where no item has one."""
    own = draw(st.lists(st.sampled_from(words), min_size=1, unique=True))
    own += [UNKNOWN] * draw(st.booleans())
    order = draw(st.integers(1, 6))
    logs = st.integers(-300, -1).map(lambda n: n / 100) | st.sampled_from([-99.0, -30.0, 0.0])
    weights = st.none() | st.integers(-200, 0).map(lambda n: n / 100) | st.just(-99.0)
    grams: list[list[tuple[str, ...]]] = [[("<s>",), ("</s>",), *((word,) for word in own)]]
    for length in range(2, order + 1):
        gram = st.tuples(
            st.sampled_from(["<s>", *own]),
            *[st.sampled_from(own)] * (length - 2),
            st.sampled_from([*own, "</s>"]),
        ) | st.tuples(*[st.sampled_from(["<s>", "</s>", *own])] * length)
        grams.append(draw(st.lists(gram, unique=True, max_size=8)))
    lines = ["\\data\\", *(f"ngram {n}={len(some)}" for n, some in enumerate(grams, 1))]
    for length, some in enumerate(grams, 1):
        lines += ["", f"\\{length}-grams:"]
        for gram_words in some:
            weight = draw(weights) if length < order else None
            line = f"{draw(logs)}\t{' '.join(gram_words)}"
            lines.append(line if weight is None else f"{line}\t{weight}")
    return "\n".join([*lines, "", "\\end\\", ""])
