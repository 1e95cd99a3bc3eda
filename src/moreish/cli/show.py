"""moreish show: pictures of what a model has learnt, and how."""

from pathlib import Path

import click

from ..draw import show as picture_of
from ..model import load
from ..storage.places import place_for
from ..text.sources import readable
from .output import put


@click.command(short_help="Draw what a model has learnt.")
@click.argument("model")
@click.option("--counts", is_flag=True, help="How often each token came after each.")
@click.option("--losses", is_flag=True, help="The losses while it was trained.")
@click.option("--embeddings", is_flag=True, help="Where each token is in the plane (mlp).")
@click.option("--layers", is_flag=True, help="Activations, gradients, saturated units (mlp).")
@click.option(
    "-o",
    "--output",
    metavar="PICTURE",
    help="Where to: .svg, .png, .html or .txt.  [default: MODEL-counts.svg]",
)
@click.option("--force", is_flag=True, help="Replace the picture if it exists.")
@click.option("--text", "as_text", is_flag=True, help="Print it as text; no file is written.")
def show(model: str, output: str | None, force: bool, as_text: bool, **chosen: bool) -> None:
    """Draw one picture of a MODEL file and write it beside it.

    Pictures need the extra plot: pip install 'moreish[plot]'. With --text it is not needed.
    """
    pictures = [name for name, is_wanted in chosen.items() if is_wanted]
    if len(pictures) != 1:
        every = ", ".join(f"--{name}" for name in chosen)
        raise click.UsageError(f"One picture at a time is wanted: one of {every}.")
    if as_text and (output is not None or force):
        raise click.UsageError("--text writes no file, so -o and --force do not go with it.")
    (picture,) = pictures
    loaded = load(model)
    if as_text:
        put(picture_of(loaded, picture).text())
        return
    if output is None:
        output = f"{Path(model).with_suffix('')}-{picture}.svg"
    place = place_for(output, force)
    picture_of(loaded, picture).save(place)
    put(f"saved in {readable(place)}")
