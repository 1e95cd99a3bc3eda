"""What was left out of a file, line by line counted, and what is noticed of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .control_characters import first_control


@dataclass
class LeftOut:
    """The lines of one file that were left out for one reason."""

    file: str  # what it is called in messages
    why: str  # "blank", "too long" or "weight 0"
    first: int  # line number
    length: int  # of the first, in characters
    limit: int  # what is longer is too long
    lines: int = 0

    def __str__(self) -> str:
        """A sentence without its full stop.

        >>> str(LeftOut("names.txt", "blank", first=7, length=0, limit=1_000, lines=2))
        '2 blank lines were left out, the first is line 7'
        """
        if self.why == "too long":
            return self._too_long(f"line {self.first:,} ({self.length:,} characters)")
        kind = "blank line" if self.why == "blank" else f"line of {self.why}"
        if self.lines == 1:
            return f"1 {kind} was left out, line {self.first:,}"
        kind = kind.replace("line", "lines")
        return f"{self.lines:,} {kind} were left out, the first is line {self.first:,}"

    def of_documents(self, item_per: str) -> str:
        """The same of documents, which are not read to their end where they are too long.

        >>> LeftOut("a.txt", "too long", 7, 1_010, limit=1_000, lines=1).of_documents("paragraph")
        'the paragraph from line 7 on was left out: longer than 1,000 (--max-length)'
        """
        if self.why != "too long":
            return str(self)
        return self._too_long(f"the {item_per} from line {self.first:,} on")

    def _too_long(self, what: str) -> str:
        others = f" and {self.lines - 1:,} more were" if self.lines > 1 else " was"
        return f"{what}{others} left out: longer than {self.limit:,} (--max-length)"


@dataclass
class FileNotes:
    """How far a file was read, and what was left out of it, by reason."""

    name: str
    item_per: str = "line"
    lines: int = 0
    items: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    controlled: int = 0  # items with control characters in them
    first_controlled: str = ""  # where the first of these is, and which character it has
    is_foreign: bool = False  # whether it begins with other characters than the files before it

    def leave_out(self, why: str, number: int, text: str, limit: int) -> None:
        """Count a line that is no item."""
        first = LeftOut(self.name, why, number, len(text), limit)
        self.left_out.setdefault(why, first).lines += 1

    def look_for_controls(self, texts: Sequence[str], numbers: Sequence[int]) -> None:
        """Count items that hold control characters."""
        for text, number in zip(texts, numbers, strict=True):
            if not text.isprintable() and (found := first_control(text)):
                if not self.controlled:
                    self.first_controlled = f"line {number:,} (U+{ord(found):04X})"
                self.controlled += 1

    @property
    def remarks(self) -> list[str]:
        """What was left out, and what is noticed of the rest, a sentence each."""
        left_out = self.left_out.values()
        remarks = list(map(str, left_out))
        if self.item_per != "line":
            remarks = [left.of_documents(self.item_per) for left in left_out]
        if self.controlled:
            hold = "1 item holds" if self.controlled == 1 else f"{self.controlled:,} items hold"
            remarks.append(
                f"{hold} control or bidirectional characters, the first is {self.first_controlled}"
            )
        return remarks
