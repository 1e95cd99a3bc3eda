"""What would keep a service from serving others; all of it is asked from this machine."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import moreish
from serve.service import Service, checked, error_of, serving, told

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
SECONDS = 1
SLOWLY = b"POST /score HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900000\r\n\r\n["
ASK = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    moreish.train(NAMES, model="bigram").save(place / "names.safetensors")
    return place


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    with serving(folder, "names.safetensors", "--seconds", str(SECONDS)) as service:
        yield service


def is_up(service: Service) -> None:
    assert service.get("/health").json()["status"] == "ok"
    assert service.post("/sample", n=2).status_code == 200


class TestBodies:
    """A megabyte that is wrong all over: told by its first fault, and never made objects of."""

    @pytest.mark.parametrize(
        ("page", "content", "told"),
        [
            ("/score", {"items": [1] * 300_000}, "at most 10,000 items, and this one has 300,0"),
            ("/score", {"items": [1] * 9_000}, "For 'items'[0] a text was wanted, got 1."),
            ("/score", {"items": ["a"] * 190_000}, "at most 10,000 items, and this one has 190,0"),
            ("/score", {"items": [[]] * 200_000}, "values or more in it"),
            ("/score", {"items": [1e5] * 90_000}, "values or more in it"),
            ("/sample", {str(n): n for n in range(50_000)}, "values or more in it"),
            ("/sample", {str(n): n for n in range(2_000)}, "16 options at most were wanted, got 2"),
            ("/sample", {"n": int("9" * 600)}, "than 10,000"),
        ],
        ids=lambda thing: str(thing)[:30],
    )
    def test_many_values(self, service: Service, page: str, content: dict, told: str) -> None:
        answer = service.send(json.dumps(content).encode(), page)
        assert answer.status_code == 422
        if "n" not in content:
            assert told in answer.json()["error"]

    @pytest.mark.parametrize(
        "content", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"n":' * 100_000]
    )
    def test_deep_ones(self, service: Service, content: bytes) -> None:
        answer = service.send(content)
        assert answer.status_code == 422
        assert "values or more in it" in answer.json()["error"]

    def test_nested_as_deeply_as_there_may_be_values(self, service: Service) -> None:
        for content in (b"[" * 9_000, b'{"n": ' + b"[" * 9_000 + b"]" * 9_000 + b"}"):
            answer = service.send(content)
            assert answer.status_code == 422
            assert answer.json()["error"] == "The request is nested too deeply."

    def test_items_with_all_that_json_is_made_of(self, service: Service) -> None:
        items = [f'{n}[{{"}}],:\\' for n in range(10_000)]
        answer = service.send(json.dumps({"items": items}).encode(), "/score")
        assert [row["item"] for row in answer.json()["items"]] == items

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            ({"prefix": "a" * 900_000}, "For 'prefix' a text of at most 10,000 characters"),
            ({"prefix": "a" * 5_000}, "he prefix can have at most 3,998 tokens, got 5,000"),
            ({"n": 10_000, "prefix": "a" * 1_000}, "at most 1,000,000 characters, and this one"),
            ({"n": 10_000, "min_length": 1_000}, "at most 1,000,000 characters, and this one"),
            ({"n": 2, "contains": "\u0301\u0323" * 4_900}, "was nowhere in the training data"),
            ({"matches": "a{4294967296}"}, "needs an automaton of more than 4,000 states"),
            ({"matches": "(){4294967294}z"}, "o item of this vocabulary can meet"),
            ({"matches": "[" * 9_000}, "unterminated character set"),
            ({"matches": "(" * 9_000}, "nested too deeply"),
        ],
    )
    def test_texts(self, service: Service, asked: dict, told: str) -> None:
        answer = service.post("/sample", **asked)
        assert answer.status_code == 422
        assert told in answer.json()["error"]
        assert len(answer.content) < 400

    def test_many_marks(self, service: Service) -> None:
        most = {"items": ["a" + "\u0301\u0323" * 4_900] * 8}
        assert service.post("/score", **most).status_code == 200
        more = service.post("/score", items=["\u0301\u0323" * 40_000])
        assert more.status_code == 422
        assert "a text of at most 10,000 characters was wanted" in more.json()["error"]


class TestHosts:
    def ask(self, service: Service, *hosts: str, target: str = "/health", version: str = "1.1"):
        lines = [f"GET {target} HTTP/{version}", *(f"Host: {host}" for host in hosts)]
        lines += ["Connection: close", "", ""]
        return told(service.raw("\r\n".join(lines).encode()))

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8000"]
    )
    def test_of_this_machine(self, service: Service, host: str) -> None:
        assert self.ask(service, host).startswith(b"HTTP/1.1 200")

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:80",
            "localhost.evil.example",
            "localhost:80@evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "::1",
            "[::2]",
            "[::1].evil.example",
            "localhost evil.example",
            "localhost/",
            "",
        ],
    )
    def test_of_another_one(self, service: Service, host: str) -> None:
        error = error_of(self.ask(service, host))
        assert error["status"] in (400, 421)
        assert error["status"] == 400 or "does not answer a request" in error["error"]

    def test_none_two_and_absolute_targets(self, service: Service) -> None:
        assert error_of(self.ask(service))["status"] == 400
        assert error_of(self.ask(service, version="1.0"))["status"] == 421
        assert error_of(self.ask(service, "localhost", "evil.example"))["status"] == 400
        assert error_of(self.ask(service, "localhost", "localhost"))["status"] == 400
        for target in ("http://evil.example/health", "http://localhost/health", "health"):
            error = error_of(self.ask(service, "localhost", target=target))
            assert error == {
                "status": 400,
                "error": "The target of a request is a path here, as /sample.",
            }
        assert error_of(self.ask(service, "localhost", target="*"))["status"] == 404

    @pytest.mark.long
    def test_others_that_are_allowed(self, folder: Path) -> None:
        hosts = ("--allow-host", "names.example", "--allow-host", "[2001:db8::1]")
        with serving(folder, "names.safetensors", *hosts) as service:
            for host in ("names.example", "NAMES.example:80", "localhost", "[2001:db8::1]:80"):
                assert self.ask(service, host).startswith(b"HTTP/1.1 200"), host
            assert error_of(self.ask(service, "example"))["status"] == 421

    @pytest.mark.long
    def test_where_others_can_reach_it_all_may_name_it_as_they_like(self, folder: Path) -> None:
        with serving(folder, "names.safetensors", "--host", "0.0.0.0") as service:
            assert self.ask(service, "names.example").startswith(b"HTTP/1.1 200")
            assert error_of(self.ask(service, "a", "b"))["status"] == 400


class TestConnections:
    def test_what_is_no_http(self, service: Service) -> None:
        for content in (
            b"hello\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01",
            b"GET / HTTP/1.1\r\n" + b"a" * 100_000,
            ASK + b"content-length: 1\r\ncontent-length: 2\r\n\r\n",
            ASK + b"transfer-encoding: x\r\n\r\n",
            b"POST /sample HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        ):
            error = error_of(told(service.raw(content + b"\r\n\r\n")))
            assert error["status"] in (400, 501)

    def test_no_upgrade(self, service: Service) -> None:
        content = ASK + b"connection: upgrade, close\r\nupgrade: websocket\r\n\r\n"
        with service.raw(content) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")

    def test_headers_that_never_end(self, service: Service) -> None:
        silent, begun = service.raw(), service.raw(ASK)
        began = time.monotonic()
        trickling = service.raw(ASK)
        trickling.settimeout(SECONDS / 10)
        while time.monotonic() < began + SECONDS + 10:
            trickling.sendall(b"x")
            try:
                content = trickling.recv(1)
                break
            except TimeoutError:
                continue
        trickling.settimeout(SECONDS)
        content += told(trickling)
        assert error_of(content)["status"] == 408
        assert "the headers did not come" in error_of(content)["error"].lower()
        assert error_of(told(begun))["status"] == 408
        assert told(silent) == b""
        assert SECONDS * 0.9 < time.monotonic() - began < SECONDS + 10

    @pytest.mark.long
    def test_the_next_request_on_a_connection_has_as_long(self, service: Service) -> None:
        connection = service.raw()
        for _ in range(2):
            connection.sendall(ASK + b"\r\n")
            content = b""
            while not content.endswith(b"}"):
                content += connection.recv(10_000)
            assert b"200 OK" in content
            time.sleep(SECONDS / 2)
        connection.sendall(ASK)
        assert error_of(told(connection))["status"] == 408

    @pytest.mark.long
    def test_an_answer_that_is_never_read(self, service: Service) -> None:
        body = json.dumps({"items": NAMES * 900}).encode()
        head = b"POST /score HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        head += b"content-length: %d\r\n\r\n" % len(body)
        for times in (1, 3):  # the second waits for the first to be read
            with socket.socket() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                connection.connect(("127.0.0.1", service.port))
                connection.settimeout(30)
                connection.sendall((head + body) * times)
                until = time.monotonic() + 30
                while is_open(connection):
                    assert time.monotonic() < until
                    time.sleep(SECONDS / 10)
                is_up(service)

    @pytest.mark.long
    def test_more_connections_than_there_may_be(self, folder: Path) -> None:
        constraints = ("--seats", "1", "--seconds", "60")
        with serving(folder, "names.safetensors", *constraints, files=256) as service:
            silent = [service.raw(ASK if n % 2 else b"") for n in range(400)]
            for _ in range(3):
                is_up(service)
            others = [service.raw(SLOWLY) for _ in range(300)]
            is_up(service)
            code, said = service.stop()
        assert code == 130
        assert said.count("\n") == 3, said  # the one line, and the two of Ctrl-C
        assert "connections are open, as many as there may be" in said
        for connection in silent[:20:2]:  # which had to make room, and are told so
            answer = told(connection)
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 1" in answer.lower()
        for connection in (*silent, *others):
            connection.close()

    def test_too_few_files_for_any(self, folder: Path) -> None:
        with (
            pytest.raises(AssertionError, match="lets this process open only 64 files"),
            serving(folder, "names.safetensors", files=64),
        ):
            pass


def is_open(connection: socket.socket) -> bool:
    """Whether the other end of a connection is open, too, as the system has it."""
    port = f":{connection.getsockname()[1]:04X}"
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[2].endswith(port) and row.split()[3] == "01" for row in rows)


@pytest.mark.long
class TestCrowds:
    def test_who_would_wait_too_long_is_told_at_once(self, folder: Path) -> None:
        slow = {"matches": "[a-z]{1,3900}", "min_length": 3_000, "n": 5}
        constraints = ("--seats", "1", "--seconds", "4")
        with serving(folder, "names.safetensors", *constraints) as service:
            for _ in range(2):  # it has to be seen how long they take
                with ThreadPoolExecutor(6) as threads:
                    found = list(threads.map(lambda _: service.post("/sample", **slow), range(6)))
            early = [answer for answer in found if answer.status_code == 503]
            assert {answer.status_code for answer in found} <= {503, 504}
            assert min(answer.elapsed.total_seconds() for answer in early) < 4  # --seconds
            for answer in early:
                assert int(answer.headers["retry-after"]) >= 1
                assert "too many requests are waiting" in answer.json()["error"].lower()
            is_up(service)

    def test_many_items_do_not_hold_few(self, folder: Path) -> None:
        heavy = {"n": 900, "prefix": "a" * 1_000}
        constraints = ("--seats", "1", "--seconds", "100")
        with (
            serving(folder, "names.safetensors", *constraints) as service,
            ThreadPoolExecutor(2) as threads,
        ):
            asked = [threads.submit(service.post, "/sample", **heavy) for _ in range(4)]
            while service.get("/health").json()["requests"] < 2:
                time.sleep(0.001)
            answers = 0
            while not asked[-1].done():
                assert service.post("/score", items=NAMES).status_code == 200
                answers += 1
            assert {answer.result().status_code for answer in asked} == {200}
            # In the order in which they came, one would be answered after each heavy one at most.
            assert answers > 2 * len(asked)


def test_405_tells_what_is_allowed(service: Service) -> None:
    for method, page, allowed in (
        ("GET", "/sample", "POST"),
        ("TRACE", "/score", "POST"),
        ("POST", "/models", "GET"),
        ("DELETE", "/health", "GET"),
    ):
        answer = checked(httpx.request(method, f"{service.address}{page}"))
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert f"{page} wants {allowed}" in answer.json()["error"]


def test_the_description_tells_the_bounds(service: Service) -> None:
    shapes = service.get("/openapi.json").json()["components"]["schemas"]
    n, items = shapes["Sample"]["properties"]["n"], shapes["Score"]["properties"]["items"]
    assert (n["minimum"], n["maximum"]) == (0, 10_000)
    assert shapes["Top"]["properties"]["n"]["maximum"] == items["maxItems"] == 10_000
    assert (items["items"]["maxLength"], items["items"]["pattern"]) == (10_000, r"^[^\x00\n\r]*$")
    for name, shape in shapes["Sample"]["properties"].items():
        kinds = shape.get("anyOf", [shape])
        if name not in ("new", "ledger", "unique", "summary"):
            assert any(
                kind.keys() & {"maxLength", "minimum", "exclusiveMinimum"} for kind in kinds
            ), name
