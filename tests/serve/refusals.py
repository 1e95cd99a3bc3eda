"""A check for schemathesis: what fits the description is refused only for what none could say."""

from schemathesis import Case, Response, check
from schemathesis.checks import CheckContext

REASONS = (  # what depends on the model, on two options together, or on what a pattern means
    "was nowhere in the training data",
    "is not a regular expression",
    "can't be turned into an automaton",
    "automaton of more than 4,000 states",
    "nested too deeply",
    "no item of ",
    "no item can ",
    "no item begins with a blank",
    "no item ends with a blank",
    "this model makes no item with",
    "rules out all that",
    "a temperature of 0 is the likeliest item, whatever",
    "there is no such item",
    "one item is the likeliest, so there are no others",
    "different items meet these constraints",
    "hardly any",
    "do not come to an end within",
    "can have at most 3,998 tokens",
    "one request can ask for at most 1,000,000 characters",
    "held-out items: ",
)


@check
def refused_for_what_no_schema_says(ctx: CheckContext, response: Response, case: Case) -> None:
    """422 has one of a few sentences for a request that fits the description, and 504 comes only
    where constraints were to be met."""
    sentence = response.json().get("error", "").lower() if response.status_code >= 400 else ""
    if response.status_code == 422 and case.meta is not None:
        is_positive = case.meta.generation.mode.is_positive
        assert not is_positive or any(reason in sentence for reason in REASONS), sentence
    if response.status_code == 504:
        assert case.operation.path in ("/sample", "/top"), sentence
        assert {"matches", "min_length", "suffix", "contains", "n"} & case.body.keys(), case.body
