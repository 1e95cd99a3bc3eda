"""moreish demo: from the bundled list of names to new names, in a minute."""

import shutil
import sys
from pathlib import Path

import click

from ..learning import learn
from .output import progress, put, put_table, say


@click.command(short_help="From the bundled list to new names, in a minute.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N")
def demo(seed: int) -> None:
    """Learn the bundled list of names, print the losses and 20 names that are not in it."""
    learning = learn(seed=seed)
    items = learning.dataset.items
    say(f"Learning from {len(items):,} first names, such as {', '.join(items.texts[:3])} ...")
    with progress() as show:
        for record in learning:
            show(record)
    model = learning.model()
    put_table(
        ("split", "names", "nats per token"),
        (
            (name, f"{len(model.dataset.split(name)):,}", f"{model.nats_per_token(name):.4f}")
            for name in ("train", "dev", "test")
        ),
    )
    put("\n20 names that are not in the list:\n")
    names = model.sample(20, seed=seed, new=True, unique=True)
    width = max(map(len, names)) + 2
    for first in range(0, len(names), 5):
        put("".join(name.ljust(width) for name in names[first : first + 5]).rstrip())
    if shutil.which("moreish") is None:
        say(f"\nTo have moreish at hand: source {Path(sys.prefix) / 'bin' / 'activate'}")
    say("\nYour own list: moreish train list.txt, then moreish sample list.safetensors")
