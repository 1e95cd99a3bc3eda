"""moreish export: write a model for other programs."""

import click

from ..model import load
from ..text.sources import readable
from .output import place_for, put


@click.command(short_help="Write a model as an ARPA file.")
@click.argument("model")
@click.argument("file")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def export(model: str, file: str, force: bool) -> None:
    """Write MODEL, which must be an ngram, as an ARPA file, which language-model toolkits read.

    Characters are words there; a blank is written <U+0020>. The list is not in it. Commands that
    take a MODEL take an ARPA file too.
    """
    loaded = load(model)
    place = place_for(file, force)
    loaded.save_arpa(place)
    put(f"saved in {readable(place)}")
