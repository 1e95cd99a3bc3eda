"""From a list to a model: what learns is chosen and checked, the list read, split and numbered.

`learn` takes the steps apart for whoever wants to watch; `train` takes them all.
"""

from dataclasses import fields
from typing import Any

from ..errors import OptionError, as_typed, check_seed
from ..model import Model
from ..models import LanguageModel, Learnt, Mixed, family, held_out, learnt_parts
from ..models.sampled_softmax import MOST, is_of_use
from ..text import Source, check_block_size, longest_block_size
from ..text.remembered import remember
from ..training import Settings, Sweep, sweep
from ..training.settings import WHOLE
from .learning import Learning

__all__ = ["find_learning_rate", "learn", "train"]

DEFAULT, DEFAULT_OF_MANY = "mixture", "ngram"  # what is best, measured; see docs/notes.md
MANY = 50_000  # distinct items to train on, from which the mixture gains next to nothing
LARGE = 1_000  # tokens, from which on a network takes long and adds little
READING = ("encoding", "column", "weights", "format", "lower", "item_per", "max_length")
COURSE = {"block_size": 3, "embedding_size": 10, "hidden_size": 200}  # where a model has them
TRAINING = tuple(f.name for f in fields(Settings) if f.name != "seed")


def learn(
    source: Source | None = None,
    *,
    model: str | None = None,
    dev: Source | None = None,
    test: Source | None = None,
    split: tuple[float, float, float] | None = None,
    words: bool = False,
    min_count: int = 1,
    seed: int = 1,
    **options: Any,
) -> Learning:
    """Everything before the training: the list read, split and numbered, the model made.

    See `train` for the arguments. DataError if the list can't be learnt from, OptionError for
    options that don't fit.

    >>> learning = learn(["anna", "hannah", "nan"] * 9, steps=20, split=(100, 0, 0))
    >>> [record.step for record in learning][-1]
    20
    >>> learning.model().sample(1, seed=3, max_length=9, prefix="an")[0][:2]
    'an'
    """
    is_course = options.get("recipe") == "course"
    usual = "mlp" if is_course else DEFAULT
    chosen = family(usual if model is None else model)
    reading = {name: options.pop(name) for name in READING if name in options}
    training = {name: options.pop(name) for name in TRAINING if name in options}
    check_seed(seed)
    _check_options(chosen, options)
    if is_course:
        options = {k: v for k, v in COURSE.items() if k in chosen.option_names} | options
    block_size = options.get("block_size", 1)
    if block_size < 64:  # what can't be is refused before anything is read
        block_size = _check_training(chosen(2, **options), training, seed)
    found = remember(
        source,
        {"dev": dev, "test": test},
        split,
        words=words,
        min_count=min_count,
        seed=seed,
        block_size=block_size,
        may_be_shorter="block_size" not in options,
        **reading,
    )
    dataset, vocabulary, remarks = found.dataset, found.vocabulary, found.remarks
    remarks += _softmax_that_is_of_use(training, len(vocabulary))
    may_be_long = issubclass(chosen, Learnt) and dataset.is_whole
    may_be_long = may_be_long and training.get("batch_size") != WHOLE
    if not may_be_long:
        check_block_size(options.get("block_size", 1), len(vocabulary))
    is_large = dataset.size("train") > MANY or len(vocabulary) > LARGE
    if model is None and not training and is_large:
        of_many = family(DEFAULT_OF_MANY)
        chosen = of_many if options.keys() <= set(of_many.option_names) else chosen
    language_model = chosen(len(vocabulary), **options)
    longest = min(longest_block_size(len(vocabulary)), dataset.longest_block_size)
    if language_model.block_size > longest and not may_be_long:
        remarks.append(
            f"with {len(vocabulary):,} different tokens a context can have at most {longest} of "
            f"them, so it has {longest} and not {language_model.block_size}, the default"
        )
        language_model = chosen(len(vocabulary), **options, block_size=longest)
    if language_model.needs_dev and not dataset.size("dev"):
        held_out(None)
    remarks += _longer_than_items(found.longest, options.get("block_size", 1))
    return Learning(language_model, vocabulary, dataset, seed, training, remarks, found.left_out)


def train(
    source: Source | None = None,
    *,
    model: str | None = None,
    dev: Source | None = None,
    test: Source | None = None,
    split: tuple[float, float, float] | None = None,
    words: bool = False,
    min_count: int = 1,
    seed: int = 1,
    **options: Any,
) -> Model:
    """Learn from a list: a path, "-" for standard input, several paths (`files(...)`, or an
    iterable of `pathlib.Path`), any iterable of strings, or, without one, the bundled list.

    `model` is "bigram", "ngram", "class-ngram", "neural-bigram", "mlp" or "mixture"; without one it
    is the mixture of ngram and mlp, or ngram with more than 50,000 distinct items or 1,000 tokens.
    The items are split into train, dev and test in the shares `split`, (80, 10, 10), by distinct
    item; or `dev` and `test` are lists of their own and all of `source` is trained on. `words`
    makes tokens of words and not of characters. Tokens that come fewer than `min_count` times in
    what is trained on are one token, `<unk>`, which `sample` never draws.

    Options for reading: `encoding`; `column` and `weights` of a table (.csv, .tsv) or of JSON
    lines (.jsonl), `format` where the name of the file does not say which; `lower`; `item_per`,
    "line", "paragraph" or "file", where the last two are documents; `max_length` in characters. For
    the model: `smoothing` (bigram: a number; ngram and class-ngram: also
    "kneser-ney", "witten-bell" or "deleted-interpolation"), `block_size` (ngram, class-ngram, mlp),
    `classes` (class-ngram), `embedding_size`, `hidden_size`, `direct` connections, `tied`
    embeddings, a `bag` and `dropout` (mlp), `regularisation` (neural-bigram), `mixture` and `share`
    (mixture, which hands on those of its parts). For its training, see `moreish.training.Settings`:
    `steps` or `minutes`, `batch_size` (or "all"), `optimizer` ("adamw", "momentum", "sgd"),
    `learning_rate`, `schedule` ("cosine", "step", "constant"), `warm_up`, `weight_decay`,
    `momentum`, `patience`, `recipe` ("table", "course"), `softmax` ("full", "sampled"). DataError
    if the list can't be learnt from, OptionError for options that don't fit.

    >>> model = train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0))
    >>> round(model.nats_per_token("train"), 3)
    1.076
    """
    learning = learn(
        source,
        model=model,
        dev=dev,
        test=test,
        split=split,
        words=words,
        min_count=min_count,
        seed=seed,
        **options,
    )
    for _ in learning:
        pass
    return learning.model()


def find_learning_rate(
    source: Source | None = None,
    *,
    lowest: float | None = None,
    highest: float | None = None,
    points: int = 1_000,
    **options: Any,
) -> Sweep:
    """Try learning rates from low to high on a list, a step each, and suggest one; see `Sweep`.

    `options` are those of `learn`. The model that is trained is thrown away. OptionError for a
    model that is counted.

    >>> sweep = find_learning_rate(["anna", "hannah", "nan"] * 9, points=100, hidden_size=10)
    >>> sweep.lowest <= sweep.suggestion <= sweep.highest
    True
    """
    tried = [
        n for n in ("learning_rate", "schedule", "warm_up", "steps", "minutes") if n in options
    ]
    if tried:
        raise OptionError(
            f"{as_typed(*tried)} can't be set here: rates are tried from the lowest to the "
            f"highest, one a step; see --lowest, --highest and --points"
        )
    learning = learn(source, **options)
    if learning.is_trained:
        learning.training.setdefault("weight_decay", 0.0)  # it would be all there is at high rates
    return sweep(learning.start(), lowest=lowest, highest=highest, points=points)


def _check_options(chosen: type[LanguageModel], options: dict[str, Any]) -> None:
    """OptionError for one that a model does not have; a mixture says so itself."""
    for name in options:
        if name not in chosen.option_names and not issubclass(chosen, Mixed):
            own = as_typed(*chosen.option_names)
            raise OptionError(f"{as_typed(name)} is not an option of {chosen.name}; it has {own}")


def _longer_than_items(longest: int | None, block_size: int) -> list[str]:
    """What is to be said of a block size that is longer than the longest item."""
    if longest is None or longest >= block_size:
        return []
    return [
        f"no item is longer than {longest} tokens, so a block size of {longest} would see as much "
        f"as {block_size}"
    ]


def _softmax_that_is_of_use(training: dict[str, Any], vocabulary_size: int) -> list[str]:
    """The full softmax in place of the sampled one where there are few tokens, and a remark."""
    if training.get("softmax") != "sampled" or is_of_use(vocabulary_size):
        return []
    training["softmax"] = "full"
    return [
        f"the sampled softmax is of no use with {vocabulary_size:,} different tokens, as it draws "
        f"{MOST:,} for a step: each step looks at all of them"
    ]


def _check_training(model: LanguageModel, training: dict[str, Any], seed: int) -> int:
    """OptionError for settings that can't be, or where nothing is trained; else the model's T."""
    learnt = learnt_parts(model)
    if training and not learnt:
        raise OptionError(
            f"{as_typed(*training)} can't be set for {model.name}: it is counted, not trained"
        )
    for part in learnt:
        if training.get("softmax") == "sampled" and not part.has_sampled_loss:
            raise OptionError(f"--softmax sampled is not for {part.name}: it looks at all tokens")
        Settings.chosen(part.training, seed=seed, **training)
    return model.block_size
