"""Model: what `train` returns and `load` brings back: a language model and the list it is of.

It puts the rooms below together for people who have text in their hands. It does no work itself.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from .errors import DataError, ModelFileError, OptionError, check_count, check_draw
from .generate import Constraints, Sampler, passages, smaller_models, top_items
from .models import LanguageModel, Predictor, kept
from .models.arpa_reader import read_arpa
from .models.arpa_writer import is_arpa, write_arpa
from .models.drawn import Drawn
from .scoring.diagnosis import Interval, interval, sample_interval
from .scoring.evaluate import Total, evaluate, unknown_nats
from .scoring.novelty import Entry, Ledger, Summary
from .scoring.ranking import Scores, item_nats, token_nats
from .scoring.scorer import Explanation, Scorer
from .storage.model_file import read_file, reading, write_file
from .storage.validation import no_others
from .text import Chunk, Items, Vocabulary, as_read, read_items
from .text.dataset import SPLITS, Dataset
from .text.positions import corpus_of
from .training.report import Report

__all__ = ["Model", "load"]

Judged = Items | Iterable[str] | str  # items that were read, any texts, or the name of a split


@dataclass
class Model:
    """A language model with its vocabulary and its list.

    >>> from moreish import train
    >>> model = train(["anna", "hannah", "nan", "ann"], model="bigram", split=(100, 0, 0))
    >>> model.sample(3, seed=2)
    ['n', 'ah', 'h']
    >>> model.score_samples(["anna", "zoe"]).round(2)
    array([ -5.22, -47.37])
    """

    language_model: LanguageModel
    vocabulary: Vocabulary
    dataset: Dataset
    report: Report

    def __repr__(self) -> str:
        items = sum(map(self.dataset.size, SPLITS))
        tokens = f"{len(self.vocabulary.tokens):,} {self.vocabulary.kind}"
        return f"<Model: {self.language_model.name}, {tokens}, {items:,} items>"

    # ---- make more

    def sample(self, n: int = 20, *, seed: int = 1, **options: Any) -> list[str]:
        """`n` items drawn from the model; the same seed draws the same.

        Options: `prefix`, `suffix`, `contains`, `matches` (a regular expression that covers the
        whole item), `min_length` and `max_length` (in tokens), `new` (none that is in the list),
        `temperature`, `top_k`, `top_p`, `unique` (none twice). Items are drawn from exactly those
        that meet all constraints. With too many contexts it is nearly so, and a warning says how
        nearly (ApproximateWarning). DataError if there are none, OptionError if there can't be.
        """
        check_count(n)
        return list(islice(self.samples(seed=seed, **options), min(n, sys.maxsize)))

    def samples(
        self, *, seed: int = 1, new: bool = False, unique: bool = False, **constraints: Any
    ) -> Iterator[str]:
        """Items without end, as `sample` draws them.

        DataError where there are no more, OptionError for constraints that can't be.
        """
        check_draw(seed, new=new, unique=unique)
        checked = self._limits(constraints)
        if self.dataset.documents is not None:
            is_new = self._ledger.is_new if new else None
            own, known = self._drawn, self.vocabulary.known
            return passages(own, known, checked, seed, unique=unique, is_new=is_new)
        if checked.temperature == 0:
            return self._sampler.likeliest(checked, new, unique)
        draw = self._sampler.different if unique else self._sampler.items
        return draw(checked, seed, new)

    @cached_property
    def _sampler(self) -> Sampler:
        lengths = (len(self.vocabulary.split(text)) for text in self.dataset.items.texts)
        longest = 10 * max(lengths, default=50)  # tokens; what is longer runs on for ever
        known, own = self.dataset.all_known, self.vocabulary.known
        return Sampler(self._drawn, own, longest, known, self._smaller)

    @cached_property
    def _drawn(self) -> Predictor:
        """What items are drawn by: no unknown token comes."""
        return Drawn(self.language_model) if self.vocabulary.has_unknown else self.language_model

    def _smaller(self) -> list[Predictor]:
        return smaller_models(self.language_model, self.dataset, self.vocabulary)

    def top(self, n: int = 20, *, new: bool = False, **constraints: Any) -> list[str]:
        """The `n` most likely items, the likeliest first; fewer if there are no more.

        Constraints: those of `sample` that do not change what is likely.
        """
        return [item for item, _ in self.tops(n, new=new, **constraints)]

    def tops(self, n: int, *, new: bool = False, **constraints: Any) -> Iterator[tuple[str, float]]:
        """The items of `top` and their log-probabilities in nats, as they are found.

        Where a model has a probability for unknown tokens, the order is that of what is drawn,
        without them, and the log-probabilities are those of `score_samples`. OptionError for
        `temperature`, `top_k` and `top_p`, and for constraints that can't be.
        """
        check_count(n)
        known = self.dataset.all_known().keys() if new else frozenset()
        own, exact = self.vocabulary.known, self._exact(constraints)
        found = top_items(self._drawn, own, exact, n, known)
        if own is self.vocabulary:
            return found
        return ((item, float(self.score_samples([item])[0])) for item, _ in found)

    def probability(self, *, new: bool = False, **constraints: Any) -> float:
        """The probability that an item meets the constraints, which are those of `sample`.

        It is exact; where the model has too many contexts for that it is an estimate, and an
        ApproximateWarning says how good. All items are those of one token and more. OptionError
        for `temperature`, `top_k` and `top_p`, and for constraints that can't be.
        """
        return self._sampler.share(self._exact(constraints), new)

    def _limits(self, constraints: dict[str, Any]) -> Constraints:
        """Constraints, of which the texts are as those of the list."""
        own = self.vocabulary
        return Constraints.given(constraints, lower=self.dataset.lower, verbatim=own.verbatim)

    def _exact(self, constraints: dict[str, Any]) -> Constraints:
        """Constraints that don't change what is likely."""
        for name in constraints:
            if name in ("temperature", "top_k", "top_p"):
                raise OptionError(f"{name} changes what is likely, so it does not go with this")
        return self._limits(constraints)

    def ledger(self, items: Iterable[str]) -> list[Entry]:
        """What each item has from the list: is it new, what is nearest, which run is copied."""
        return self._ledger.entries(self.as_read(items))

    def summary(self, items: Iterable[str]) -> Summary:
        """The shares of items that are new and distinct, and their lengths beside the list's."""
        return self._ledger.summary(self.as_read(items))

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.dataset, self.vocabulary)

    # ---- say what belongs

    @cached_property
    def unknown_nats(self) -> float:
        """What a token costs that the training split does not have, in nats."""
        if self.report.unknown_nats is not None:
            return self.report.unknown_nats
        return unknown_nats(self.dataset.counts("train", self.vocabulary, 0).total)

    def scores(self, items: Iterable[str], *, flag_rate: float | None = None) -> Scores:
        """N items → nats, tokens, and percentiles among the held-out (dev) items of their length.

        Items that were trained on are scored as if they had not been, as far as the model is
        counted and not trained; see `cannot_forget`. With a `flag_rate`, as 0.01, those are
        flagged that are more surprising than all but such a share of the held-out items.
        OptionError for a rate that can't be.
        """
        return self._scorer.scores(self.as_read(items), flag_rate)

    def explain(self, item: str) -> Explanation:
        """How surprising each token of an item is, and the one edit that makes it likeliest."""
        return self._scorer.explain(*self.as_read([item]))

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.language_model, self.vocabulary, self.dataset, self.unknown_nats)

    @property
    def cannot_forget(self) -> list[str]:
        """The names of the parts that are trained: they can't forget an item of the list."""
        return self._scorer.cannot_forget

    def score_samples(self, items: Iterable[str]) -> np.ndarray:
        """N items → (N,) their log-likelihoods in nats, ends included, by the model as it is.

        The model also gives a share to the empty item, which is never drawn: of what `sample`
        draws and `probability` tells, all others are likelier by that much. A network computes in
        single precision: the seventh digit may vary with the other items. OptionError for one text
        in place of a list.
        """
        return -self._scorer.plain(self._chunks(items))[0]

    def score(self, items: Iterable[str]) -> float:
        """The mean log-likelihood of an item in nats. DataError if there are no items."""
        scores = self.score_samples(items)
        if not len(scores):
            raise DataError("the mean of one item at least was wanted, got none")
        return float(scores.mean())

    def surprise(self, item: str) -> np.ndarray:
        """(tokens + 1,) the nats of each token of an item, and of its end."""
        tokens = self.vocabulary.encode(self.as_read([item]))
        return token_nats(self.language_model, tokens, self.unknown_nats)

    @property
    def reading(self) -> dict[str, Any]:
        """How the lines of the list were mended, as options of `read_items`."""
        own, data = self.vocabulary, self.dataset
        how = {"lower": data.lower, "words": own.kind == "words", "verbatim": own.verbatim}
        return how | {"item_per": data.item_per}

    def as_read(self, items: Iterable[str]) -> list[str]:
        """Items as they were read from the list: without blanks around them, in NFC; all stay.

        DataError for what no line of a list can be, OptionError for one text in place of a list.
        """
        return [text for chunk in self._chunks(items) for text in chunk.texts]

    def _chunks(self, items: Iterable[str]) -> Iterator[Chunk]:
        if isinstance(items, str):
            raise OptionError(
                f"a list of items was wanted, got the text {items!r}: put it in a list"
            )
        if not isinstance(items, Iterable):
            raise OptionError(f"a list of items was wanted, got {items!r}")
        return as_read(items, "the items", **self.reading)

    # ---- how well it predicts

    def evaluate(self, items: Judged) -> Total:
        """The surprise at these items, each as often as it came: nats and tokens.

        OptionError for a name that is no split's, DataError if the model has no such split.
        """
        model, vocabulary = self.language_model, self.vocabulary
        if isinstance(items, str) and items in self.dataset.tables:  # of all, not of a sample
            counts = self.dataset.counts(items, vocabulary, model.block_size)
            return evaluate(model, counts, self.unknown_nats)
        corpus = corpus_of(self._items(items), vocabulary, model.block_size)
        return evaluate(model, corpus, self.unknown_nats)

    def nats_per_token(self, items: Judged) -> float:
        """The mean surprise of a token in nats, over all tokens and ends of the items.

        `items` may be the name of a split: "train", "dev" or "test".
        """
        return self.evaluate(items).nats_per_token

    def interval(self, items: Judged) -> Interval:
        """From where to where `nats_per_token` can be trusted, at 95 %, in nats.

        OptionError for a name that is no split's, DataError if the model has no such split.
        """
        chosen = self._items(items)
        encoded = self.vocabulary.encode(chosen.texts)
        nats, tokens = item_nats(self.language_model, encoded, self.unknown_nats)
        nats, tokens = nats * chosen.counts, tokens * chosen.counts
        share = self.dataset.shares.get(items, 1.0) if isinstance(items, str) else 1.0
        if share == 1:
            return interval(nats, tokens)
        return sample_interval(nats, tokens, share, self.nats_per_token(items))

    def perplexity(self, items: Judged) -> float:
        """As uncertain as a free choice among this many tokens: e to the nats per token."""
        return self.evaluate(items).perplexity

    def _items(self, items: Judged) -> Items:
        if isinstance(items, Items):
            return items
        if not isinstance(items, str):
            item_per = "line" if self.dataset.documents is None else "file"  # a text is one
            return read_items(items, **{**self.reading, "item_per": item_per})
        return self.dataset.must_have(items)

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities of the next token, in nats."""
        return self.language_model.next_log_probs(np.asarray(contexts, dtype=np.intp))

    # ---- into a file and back

    def save(self, path: str | os.PathLike[str], *, replace: bool = True) -> None:
        """Write the model, its vocabulary and its list into one file; see `load`.

        ModelFileError if it can't be done, or if the file exists and is not to be replaced.
        """
        about = {
            "model": self.language_model.name,
            "options": self.language_model.options(),
            "tokens": self.vocabulary.about(),
            "report": vars(self.report),
            **self.dataset.about(),
        }
        model = self.language_model.arrays()
        arrays = {**self.dataset.arrays(), **{f"model.{name}": a for name, a in model.items()}}
        write_file(path, about, arrays, replace)

    def save_arpa(self, path: str | os.PathLike[str]) -> None:
        """Write the model, without its list, as an ARPA file; see `moreish.models.arpa_writer`.

        OptionError for other models than `ngram`.
        """
        write_arpa(path, self.language_model, self.vocabulary, self.unknown_nats)


def load(path: str | os.PathLike[str], *, blank: str | None = None) -> Model:
    """The model in a file, an ARPA file too, which has no list.

    `blank` says which word of an ARPA file stands for a blank, as "<space>" or "|": then its
    tokens are characters. ModelFileError if it isn't a model; nothing in it is executed.
    OptionError for a `blank` with another file.

    >>> from tempfile import TemporaryDirectory
    >>> from moreish import train
    >>> with TemporaryDirectory() as folder:
    ...     train(["anna", "nan"], model="bigram").save(f"{folder}/names.safetensors")
    ...     load(f"{folder}/names.safetensors").vocabulary.tokens
    ('a', 'n')
    """
    if "\0" in str(path):
        raise ModelFileError(f"can't read the model {str(path)!r}: no name can hold a NUL")
    if is_arpa(path) or str(path).lower().endswith((".arpa", ".arpa.gz")):
        model, vocabulary = read_arpa(path, blank)
        dataset = Dataset(Items([], np.zeros(0, np.int64), str(path), []), np.zeros(0, np.uint8))
        nats = -float(model.grams[0].log_probs[vocabulary.unknown])
        return Model(model, vocabulary, dataset, Report(0, 0.0, unknown_nats=nats))
    if blank is not None:
        raise OptionError(f"a blank is named in an ARPA file, and {path} is none")
    about, arrays = read_file(path)
    with reading(path):
        vocabulary = Vocabulary.stored(about["tokens"])
        language_model = kept()[about["model"]](len(vocabulary), **about["options"])
        if language_model.options() != about["options"]:
            raise ValueError(f"these are no options of {language_model.name}")
        own = {name: array for name, array in arrays.items() if name.startswith("model.")}
        language_model.restore({k.removeprefix("model."): array for k, array in own.items()})
        dataset = Dataset.stored(about, arrays, vocabulary)
        no_others("the file", arrays, {**dataset.arrays(), **own})
        return Model(language_model, vocabulary, dataset, Report.stored(about["report"]))
