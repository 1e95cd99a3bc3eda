"""What requests and answers look like: for checking what comes, and for the page that explains it.

It knows shapes and types; what values mean is known to the model.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field, model_validator
from pydantic_core import PydanticCustomError

from ..generate.constraints import LONGEST, LONGEST_TEXT

EXACT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
LINE = r"^[^\x00\n\r]*$"  # what a line of a list can be
USUAL = 20  # characters that an item has room for in its cost
PLAIN = 20_000  # characters that are scored or drawn in a tenth of a second


def whole(thing: Any) -> Any:
    """3.0 as 3, which JSON does not tell apart; all else as it is.

    >>> whole(3.0), whole(3.5), whole(True), whole(float("inf"))
    (3, 3.5, True, inf)
    """
    return int(thing) if isinstance(thing, float) and thing.is_integer() else thing


WHOLE = BeforeValidator(whole)
Name = Annotated[str, Field(max_length=255)]
Limit = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Asked(BaseModel):
    """What every request has. The first thing that is wrong ends the check of its shape."""

    model_config = EXACT

    model: Name | None = Field(None, description="Which, of several; see /models.")

    @model_validator(mode="before")
    @classmethod
    def _no_more_names_than_there_are(cls, thing: Any) -> Any:
        """So that a body of many unknown names is not looked at name by name."""
        if isinstance(thing, dict) and len(thing) > len(cls.model_fields):
            raise PydanticCustomError(
                "too_many_names",
                "{there_are} options at most were wanted, got {number}",
                {"there_are": len(cls.model_fields), "number": f"{len(thing):,}"},
            )
        return thing

    def options(self) -> dict[str, Any]:
        """All that was asked for, but for the model."""
        return self.model_dump(exclude={"model"}, exclude_none=True)


class Limited(Asked):
    """What items must be like; see `moreish sample --help`."""

    n: Annotated[int, Field(ge=0), WHOLE] = Field(20, description="How many items.")
    prefix: Limit | None = Field(None, description="What items begin with.")
    suffix: Limit | None = Field(None, description="What items end with.")
    contains: Limit | None = Field(None, description="What is somewhere in them.")
    matches: Annotated[Limit, Field(min_length=1)] | None = Field(
        None, description="A pattern that covers the whole item."
    )
    min_length: Annotated[int, Field(ge=0, le=LONGEST), WHOLE] | None = Field(
        None, description="Tokens at least."
    )
    max_length: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        None, description="Tokens at most."
    )
    new: bool = Field(False, description="None that is in the list.")
    ledger: bool = Field(False, description="Say what each item has from the list.")

    @property
    def count(self) -> int:
        """How many items it asks for."""
        return self.n

    @property
    def least(self) -> int:
        """How many characters they have at least, all together."""
        texts = (self.prefix, self.suffix, self.contains)
        return self.n * max(self.min_length or 0, *(len(text or "") for text in texts))

    @property
    def is_plain(self) -> bool:
        """Whether it is known to be quick, which a search is not."""
        return False


class Sample(Limited):
    """Items drawn from a model; the same seed draws the same."""

    model_config = EXACT | ConfigDict(
        json_schema_extra={"examples": [{"n": 3, "prefix": "ma", "max_length": 8, "seed": 1}]}
    )

    seed: Annotated[int, Field(ge=0, lt=2**63), WHOLE] = Field(
        1, description="The same seed draws the same items."
    )
    temperature: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Below 1 safer, above 1 bolder."
    )
    top_k: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        None, description="Only the k likeliest tokens each time."
    )
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Only the likeliest that make up p."
    )
    unique: bool = Field(False, description="None twice.")
    summary: bool = Field(False, description="Say what all of them have from the list.")

    @property
    def is_plain(self) -> bool:
        """Whether it is known to be quick: few items, of which at most the beginning is asked for,
        from what the model does not often make."""
        costly = {"suffix", "contains", "matches", "min_length", "max_length", "new"}
        costly |= {"unique", "ledger", "summary"}
        asked = self.options()
        is_usual = self.temperature is None or 0 < self.temperature <= 1
        is_small = self.least + USUAL * self.n <= PLAIN
        return is_usual and is_small and not any(asked.get(name) for name in costly)


class Top(Limited):
    """The likeliest items, in order."""

    model_config = EXACT | ConfigDict(
        json_schema_extra={"examples": [{"n": 3, "new": True, "max_length": 8}]}
    )


class Score(Asked):
    """Items, to be told how surprising they are."""

    model_config = EXACT | ConfigDict(
        json_schema_extra={"examples": [{"items": ["emma", "kaylynne", "xqzt"]}]}
    )

    items: Annotated[list[Annotated[str, Field(max_length=LONGEST_TEXT, pattern=LINE)]], FailFast()]
    flag_rate: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="Flag what does not belong; so many honest items would be, as 0.01."
    )
    explain: bool = Field(
        False, description="Say what is surprising, and the best one-edit repair."
    )

    @property
    def count(self) -> int:
        """How many items it asks for."""
        return len(self.items)

    @property
    def least(self) -> int:
        """How many characters they have, all together."""
        return sum(map(len, self.items))

    @property
    def is_plain(self) -> bool:
        """Whether it is known to be quick, which looking for repairs is not."""
        return not self.explain and self.least + USUAL * self.count <= PLAIN


class Made(BaseModel):
    """An item that was made."""

    item: str
    nats: float | None = Field(description="Its surprise: minus its log-probability.")
    new: bool | None = Field(description="Whether it is not in the list; null: can't be told.")
    in_: str | None = Field(alias="in", description="The split of the list it is in.")
    nearest: str | None = Field(None, description="With ledger: the nearest item of the list.")
    distance: int | None = Field(None, description="With ledger: edits from it.")
    copied: str | None = Field(None, description="With ledger: the longest run that is copied.")


class Scored(BaseModel):
    """An item and how surprising it is."""

    item: str
    nats: float | None = Field(description="Of the whole item, its end included.")
    nats_per_token: float | None
    tokens: int = Field(description="Its end included.")
    percentile: float | None = Field(description="Among held-out items: 50 is typical.")
    in_: str | None = Field(alias="in", description="The split of the list it is in.")
    as_if_new: bool = Field(description="It was trained on, and is scored as if it had not been.")
    flagged: bool | None = Field(None, description="With flag_rate: it does not belong.")
    surprise: list[float | None] | None = Field(
        None, description="With explain: the nats of each token and of the end."
    )
    repair: str | None = Field(None, description="With explain: the likeliest item one edit away.")
    edit: str | None = Field(None, description="With explain: that edit.")
    repaired_nats: float | None = Field(None, description="With explain: the nats of the repair.")
    saved: float | None = Field(
        None, description="With explain: how many nats less, both by the model as it is."
    )


class Length(BaseModel):
    """How many items have so many tokens."""

    tokens: int
    share: float = Field(description="Of the items that were drawn.")
    share_of_list: float


class Summary(BaseModel):
    """What all items have from the list."""

    items: int
    new: float | None = Field(description="The share that is not in the list.")
    distinct: float = Field(description="The share that came for the first time.")
    probability: float | None = Field(
        description="The share of all that the model makes that meets the constraints; null with "
        "temperature, top_k or top_p, and of passages."
    )
    longest_copied: int | None = Field(
        description="Of passages: the tokens of the longest run that is copied from documents; 0 "
        "where it is too short to be told."
    )
    lengths: list[Length]


class MadeItems(BaseModel):
    """The answer of /sample and /top."""

    items: list[Made]
    notes: list[str] = Field(description="What one should know, such as that it is approximate.")
    summary: Summary | None = Field(None, description="With summary, of /sample.")


class ScoredItems(BaseModel):
    """The answer of /score, in the order of the request."""

    items: list[Scored]
    notes: list[str]


class About(BaseModel):
    """A model that can be asked."""

    name: str = Field(description="What requests call it.")
    model: str = Field(description="Its family.")
    parameters: int
    tokens: int = Field(description="How many different ones it knows.")
    items: dict[str, int] = Field(description="Distinct items of its list, by split.")
    nats_per_token: dict[str, float | None] = Field(description="Its losses, by split.")


class Models(BaseModel):
    """The answer of /models."""

    models: list[About]


class Health(BaseModel):
    """The answer of /health."""

    status: str
    requests: int = Field(description="That are being answered, or wait.")


class Problem(BaseModel):
    """The answer where something is wrong."""

    status: int = Field(description="That of HTTP.")
    error: str = Field(description="A sentence: what was wanted, what came.")
