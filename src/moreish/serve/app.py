"""The service as an application: its pages, and every error as a sentence in one shape.

It knows which models there are by their names; no request names a file.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from ..model import Model
from ..text.dataset import SPLITS
from . import handlers
from .answers import Answer, as_json, problem
from .body_limit import Application, Guard
from .docs_page import page
from .errors import status_and_sentence
from .quotas import MOST_CHARACTERS, Bounds
from .requests import Health, Limited, MadeItems, Models, Problem, Sample, Score, ScoredItems, Top
from .scheduler import Desk

ABOUT = """Models that make more items like those of a list, and say which items belong.

Every error is `{"status": ..., "error": "A sentence."}`. 400: not JSON. 404: no such model or page.
408: the request did not come to its end. 413: too large. 421: not this host. 422: it asks for what
can't be. 503: too many requests are waiting; Retry-After says for how many seconds. 504: no answer
in time."""


MEANINGS = {
    400: "The request is not JSON.",
    404: "There is no such model.",
    408: "The request did not come to its end.",
    413: "The request is too large.",
    421: "The request is to another host.",
    422: "What it asks for can't be.",
    503: "Too many requests are waiting.",
    504: "There was no answer in time.",
}


def application(desk: Desk, bounds: Bounds) -> Application:
    """The ASGI application that serves the models at a desk by their names."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with desk:
            yield

    app = FastAPI(
        title="moreish",
        version=version("moreish"),
        description=ABOUT,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,  # it would fetch its script from elsewhere
        redoc_url=None,
        responses={
            status: {"model": Problem, "description": meaning}
            for status, meaning in MEANINGS.items()
        },
    )
    _add_errors(app)
    _add_questions(app, desk, bounds)
    _add_pages(app, desk)
    _tell_bounds(app.openapi()["components"]["schemas"], bounds)
    return Guard(app, bounds)


def _add_questions(app: FastAPI, desk: Desk, bounds: Bounds) -> None:
    """What is asked of a model."""

    async def answered(request: Request, wanted: str, asked: Limited | Score) -> Response:
        name = _model_of(asked.model, desk.models)
        for what, most, number in (
            ("items", bounds.items, asked.count),
            ("characters", MOST_CHARACTERS, asked.least),
        ):
            if number > most:
                raise HTTPException(
                    422,
                    f"one request can ask for at most {most:,} {what}, and this one asks for "
                    f"{_number(number)}",
                )
        question = handlers.Request(wanted, name, asked.options())
        return _response(await _while_there(request, desk, question, asked.is_plain))

    @app.post("/sample", response_model=MadeItems, summary="Draw items")
    async def sample(request: Request, asked: Sample) -> Response:
        """Items drawn from exactly those that meet all constraints."""
        return await answered(request, "sample", asked)

    @app.post("/top", response_model=MadeItems, summary="The likeliest items")
    async def top(request: Request, asked: Top) -> Response:
        """The n most likely items that meet all constraints, the likeliest first."""
        return await answered(request, "top", asked)

    @app.post("/score", response_model=ScoredItems, summary="Say what belongs")
    async def score(request: Request, asked: Score) -> Response:
        """How surprising each item is, and how that compares with items that were held out."""
        return await answered(request, "score", asked)


def _add_pages(app: FastAPI, desk: Desk) -> None:
    """What is asked of the service itself."""

    @app.get("/models", response_model=Models, summary="The models")
    async def about_models() -> Response:
        """The models that can be asked, in the order in which they were given."""
        told = [_about(name, model) for name, model in desk.models.items()]
        return _response(Answer(200, as_json({"models": told})))

    @app.get("/health", response_model=Health, summary="Is it well?")
    async def health() -> Response:
        """Answered at once, whatever else is going on."""
        return _response(Answer(200, as_json({"status": "ok", "requests": desk.inside})))

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return HTMLResponse(page(app.openapi(), str(request.base_url).rstrip("/")))

    @app.get("/", include_in_schema=False)
    async def start() -> Response:
        return RedirectResponse("/docs")


def _tell_bounds(shapes: dict[str, Any], bounds: Bounds) -> None:
    """Those that are not the same for every service, and one that is no floating-point number."""
    shapes["Sample"]["properties"]["seed"].pop("exclusiveMaximum")
    shapes["Sample"]["properties"]["seed"]["maximum"] = 2**63 - 1
    for name in ("Sample", "Top"):
        shapes[name]["properties"]["n"]["maximum"] = bounds.items
    shapes["Score"]["properties"]["items"]["maxItems"] = bounds.items


async def _while_there(
    request: Request, desk: Desk, question: handlers.Request, is_plain: bool
) -> Answer:
    """The answer; if whoever asked leaves, the work for it ends."""
    asking = asyncio.ensure_future(desk.ask(question, is_plain))
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait([asking, leaving], return_when=asyncio.FIRST_COMPLETED)
        return await asking if asking.done() else problem(499, "whoever asked has left")
    finally:
        for task in (asking, leaving):
            task.cancel()


def _model_of(name: str | None, models: Mapping[str, Model]) -> str:
    there_are = ", ".join(models)
    if name is None and len(models) > 1:
        raise HTTPException(422, f"a model is wanted, as there are several: {there_are}")
    if name is None:
        return next(iter(models))
    if name not in models:
        short = name if len(name) <= 80 else f"{name[:80]}..."
        raise HTTPException(404, f"there is no model {short!r} here; there are {there_are}")
    return name


def _number(count: int) -> str:
    return f"{count:,}" if count < 10**15 else "far more"


def _about(name: str, model: Model) -> dict[str, Any]:
    return {
        "name": name,
        "model": model.language_model.name,
        "parameters": model.language_model.parameter_count,
        "tokens": len(model.vocabulary),
        "items": {split: model.dataset.size(split) for split in SPLITS},
        "nats_per_token": model.report.nats_per_token,
    }


def _response(answer: Answer) -> Response:
    headers = None if answer.wait is None else {"retry-after": str(answer.wait)}
    return Response(answer.content, answer.status, headers, media_type="application/json")


def _add_errors(app: FastAPI) -> None:
    """All that FastAPI raises, in our one shape."""

    @app.exception_handler(RequestValidationError)
    async def unfit(_: Request, error: RequestValidationError) -> Response:
        return _response(problem(*status_and_sentence(error.errors())))

    @app.exception_handler(404)
    async def nothing(request: Request, error: HTTPException) -> Response:
        sentence = str(error.detail)
        if sentence == "Not Found":
            sentence = f"there is no {request.url.path} here: see /docs"
        return _response(problem(404, sentence))

    @app.exception_handler(405)
    async def other_method(request: Request, error: HTTPException) -> Response:
        allowed = (error.headers or {}).get("Allow", "")
        response = _response(problem(405, f"{request.url.path} wants {allowed}: see /docs"))
        response.headers["allow"] = allowed
        return response

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        sentence = str(error.detail)
        if isinstance(error.__cause__, RecursionError):
            return _response(problem(422, "the request is nested too deeply"))
        if sentence == "There was an error parsing the body":
            sentence = "the request is not JSON that can be read"
        return _response(problem(error.status_code, sentence))

    @app.exception_handler(Exception)
    async def own_fault(_: Request, error: Exception) -> Response:
        return _response(problem(500, f"this went wrong inside moreish: {type(error).__name__}"))
