"""The language models, one a file, found by walking this folder."""

import pkgutil
from functools import cache
from importlib import import_module
from inspect import isabstract

from ..errors import OptionError
from .base import (
    Counted,
    LanguageModel,
    Learnt,
    Mixed,
    Predictor,
    held_out,
    learnt_parts,
    log_probs_at,
)
from .context_states import States, states_of

__all__ = [
    "Counted",
    "LanguageModel",
    "Learnt",
    "Mixed",
    "Predictor",
    "States",
    "families",
    "family",
    "held_out",
    "kept",
    "learnt_parts",
    "log_probs_at",
    "states_of",
]


def families() -> dict[str, type[LanguageModel]]:
    """Every model that learns from a list, by the name it has on the command line.

    >>> sorted(families())
    ['bigram', 'class-ngram', 'mixture', 'mlp', 'neural-bigram', 'ngram']
    """
    learning = (Counted, Learnt, Mixed)
    return {name: model for name, model in kept().items() if issubclass(model, learning)}


@cache
def kept() -> dict[str, type[LanguageModel]]:
    """Every model that a file can hold, by name; one from elsewhere learns nothing.

    >>> sorted(kept().keys() - families().keys())
    ['backoff']
    """
    found: dict[str, type[LanguageModel]] = {}
    for module in pkgutil.iter_modules(__path__):
        for thing in vars(import_module(f"{__name__}.{module.name}")).values():
            is_model = isinstance(thing, type) and issubclass(thing, LanguageModel)
            if is_model and not isabstract(thing):
                found[thing.name] = thing
    return found


def family(name: str) -> type[LanguageModel]:
    """The model of that name; OptionError for one that there is not.

    >>> family("bigram").option_names
    ('smoothing',)
    """
    if name not in families():
        raise OptionError(f"there is no model {name!r}; there are {', '.join(sorted(families()))}")
    return families()[name]
