"""The studio over HTTP: the files of the page, and a call of the service for each path below /api.

- A browser may load nothing from elsewhere: the header Content-Security-Policy says so.
- Another web page can't ask: hosts are checked as `serve` checks them, and so is the origin.
- Calls that compute are answered one after another. One that takes too long, or that nobody waits
  for any more, is interrupted.
"""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import MoreishError
from ..serve.answers import Answer, as_json, failure, problem
from ..serve.body_limit import Application, Guard, Message, Receive, Send, refuse
from ..serve.hosts import Hosts
from ..serve.quotas import Bounds
from .background import Interrupted, in_thread

PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
LARGEST = 1 << 25  # bytes of a request; what is longer is for the command line
SLOWEST = 60.0  # seconds in which a request has to come
QUICK = ("start", "log", "stop", "steer")  # calls that compute nothing
PATIENT = ("read", "open", "begin")  # that may take their time; all others end after:
LONGEST = 20.0  # seconds
TOO_LONG = f"this takes more than {LONGEST:g} seconds: make the constraints simpler"
HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}

Call = Callable[[str, dict[str, Any]], Any]


def application(call: Call, saved: Callable[[str], bytes], hosts: set[str]) -> Application:
    """The ASGI application of a studio, of which it knows how it is called and what a model's file
    is; it answers requests to these hosts."""
    computing = asyncio.Lock()

    async def api(request: Request) -> Response:
        name = request.path_params["call"]
        arguments = await _arguments(request)
        if arguments is None:
            return _response(problem(400, "a JSON object was wanted as the body of the request"))
        if name in QUICK:
            return _response(_answered(call, name, arguments))
        async with computing:
            seconds = None if name in PATIENT else LONGEST
            work = partial(_answered, call, name, arguments)
            try:
                return _response(await in_thread(work, _left(request), seconds))
            except Interrupted:
                return _response(problem(504, TOO_LONG))

    async def model_file(request: Request) -> Response:
        try:
            async with computing:
                content = saved(request.path_params["run"])
        except MoreishError as error:
            return _response(problem(404, str(error)))
        named = {"content-disposition": 'attachment; filename="model.safetensors"'}
        return Response(content, 200, named, media_type="application/octet-stream")

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        place = PAGE / name
        if place.suffix not in KINDS or place.name != name or not place.is_file():
            return _response(problem(404, "there is no such page: the studio is at /"))
        return Response(place.read_bytes(), media_type=f"{KINDS[place.suffix]}; charset=utf-8")

    routes = [
        Route("/", file),
        Route("/api/{call}", api, methods=["POST"]),
        Route("/model/{run}", model_file),
        Route("/{name}", file),
    ]
    bounds = Bounds(bytes=LARGEST, seconds=SLOWEST)
    guarded = Guard(Starlette(routes=routes), bounds, counts_values=False)
    return Hosts(OwnPage(guarded), hosts)


class OwnPage:
    """An ASGI application before another one: only the studio's own page may ask, and its headers
    keep that page to itself."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuse what comes from a page of another origin, and add the headers to all else."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        if scope["type"] == "http" and _is_foreign(scope):
            await refuse(with_headers, problem(403, "another web page may not ask the studio"))
        else:
            await self.application(scope, receive, with_headers)


def _is_foreign(scope: Message) -> bool:
    """Whether a request that does something comes from a page that is not ours.

    A browser says where it comes from, other programs need not.
    """
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site", b"none")
    origin = headers.get(b"origin", b"")
    if scope["method"] in ("GET", "HEAD"):
        return False
    own = b"http://" + headers.get(b"host", b"")
    return site not in (b"same-origin", b"none") or origin not in (b"", own)


async def _arguments(request: Request) -> dict[str, Any] | None:
    """The arguments of a call: a JSON object, or those of the address beside a file as the body;
    None for what is neither."""
    body = await request.body()
    if request.headers.get("content-type", "") == "application/octet-stream":
        return {**request.query_params, "content": body}
    try:
        arguments = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _answered(call: Call, name: str, arguments: dict[str, Any]) -> Answer:
    try:
        return Answer(200, as_json(call(name, arguments)))
    except Exception as error:
        return failure(error)


async def _left(request: Request) -> None:
    """When whoever asked has gone; what else they send is not looked at."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(answer: Answer) -> Response:
    return Response(answer.content, answer.status, media_type="application/json")
