"""moreish export: write a model for other programs."""

import click

from ..model import load
from ..storage.places import place_for
from ..text.sources import readable
from . import options
from .output import put, say

KENLM = 6  # the highest order that it reads; it says that itself


@click.command(short_help="Write a model as an ARPA file.")
@click.argument("model")
@click.argument("file")
@options.blank
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def export(model: str, file: str, blank: str | None, force: bool) -> None:
    """Write MODEL, which must be an ngram, as an ARPA file, which language-model toolkits read.

    Characters are words there; a blank is written <U+0020>. The list is not in it. Commands that
    take a MODEL take an ARPA file too, those of other programs as well.
    """
    loaded = load(model, blank=blank)
    place = place_for(file, force)
    loaded.save_arpa(place)
    put(f"saved in {readable(place)}")
    order = loaded.language_model.block_size + 1
    if order > KENLM:
        say(
            f"Note: the file is of order {order}, and KenLM reads order {KENLM} at most as it is "
            f"installed: --block-size {KENLM - 1} in train makes such a model."
        )
