"""The studio over HTTP: its page, its calls, and who may ask."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from moreish.studio import launch, server
from moreish.studio.background import Interrupted, in_thread
from moreish.studio.runs import Run
from moreish.studio.server import PAGE, application
from moreish.studio.service import Studio

with warnings.catch_warnings():  # it works with httpx, and would rather have httpx2
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

TEXT = "\n".join(["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna"])
BINARY = {"content-type": "application/octet-stream"}
MOST = 200_000  # bytes of the page and its scripts


@pytest.fixture
def client() -> Iterator[TestClient]:
    def at_once(run: Run) -> None:
        for _ in run.steps():
            pass

    studio = Studio(at_once)
    app = application(studio.call, studio.saved, {"localhost", "127.0.0.1"})
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


def asked(client: TestClient, call: str, **arguments: Any) -> dict[str, Any]:
    response = client.post(f"/api/{call}", json=arguments)
    assert response.status_code == 200, response.text
    return response.json()


def learnt(client: TestClient) -> str:
    read = asked(client, "read", text=TEXT)
    return asked(client, "begin", list=read["list"], model="bigram")["run"]


def test_from_a_list_to_why(client: TestClient) -> None:
    run = learnt(client)
    assert [row["kind"] for row in asked(client, "log", run=run)["rows"]] == ["begun", "ended"]
    item = asked(client, "sample", run=run, n=1, suffix="a")["items"][0]["item"]
    assert item.endswith("a")
    assert 0 < asked(client, "probability", run=run, suffix="a")["probability"] < 1
    assert asked(client, "explain", run=run, item=item)["tokens"] == list(item)
    assert asked(client, "followers", run=run, item=item, position=0)["followers"]
    saved = client.get(f"/model/{run}")
    assert "attachment" in saved.headers["content-disposition"]
    opened = client.post("/api/open?name=a.safetensors", content=saved.content, headers=BINARY)
    assert asked(client, "log", run=opened.json()["run"])["rows"][-1]["how"] == "opened"


def markup() -> str:
    """That of all views."""
    return "".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.glob("*.html")))


class TestThePage:
    def test_its_files(self, client: TestClient) -> None:
        sizes = []
        for file in PAGE.iterdir():
            response = client.get("/" if file.name == "index.html" else f"/{file.name}")
            assert response.status_code == 200
            assert response.content == file.read_bytes()
            sizes.append(len(response.content))
        assert len(sizes) >= 5
        assert sum(sizes) < MOST

    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        for file in PAGE.iterdir():
            found = re.findall(r"https?://[^\s\"'`]+", file.read_text(encoding="utf-8"))
            assert set(found) <= {"http://www.w3.org/2000/svg"}, file.name

    def test_scripts_make_no_markup_of_text(self) -> None:
        for file in PAGE.glob("*.js"):
            text = file.read_text(encoding="utf-8")
            unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
            assert not re.search(unsafe, text), file.name

    def test_every_field_has_a_label(self) -> None:
        page = markup()
        fields = re.findall(r"<(?:input|select|textarea) id=\"([\w-]+)\"", page)
        assert len(fields) >= 6
        assert set(fields) <= set(re.findall(r"<label for=\"([\w-]+)\"", page))

    def test_what_scripts_look_for_is_there(self) -> None:
        page = markup()
        ids = set(re.findall(r"id=\"([\w-]+)\"", page))
        for file in PAGE.glob("*.js"):
            text = file.read_text(encoding="utf-8")
            wanted = set(re.findall(r"\b(?:by|say|fill)\(\"([\w-]+)\"", text))
            assert wanted <= ids, (file.name, wanted - ids)

    @pytest.mark.parametrize("path", ["/none.js", "/../service.py", "/%2e%2e/server.py", "/a/b.js"])
    def test_other_files_are_not_there(self, client: TestClient, path: str) -> None:
        assert client.get(path).status_code == 404

    def test_what_a_browser_may_load(self, client: TestClient) -> None:
        for path in ("/", "/style.css", "/none.js"):
            policy = client.get(path).headers["content-security-policy"]
            assert policy.startswith("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")


class TestWhoMayAsk:
    def test_other_hosts_are_refused(self, client: TestClient) -> None:
        response = client.get("/", headers={"host": "evil.example"})
        assert response.status_code == 421

    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "http://evil.example"},
            {"origin": "http://127.0.0.1:9000"},
            {"origin": "null"},
        ],
    )
    def test_other_pages_are_refused(self, client: TestClient, headers: dict[str, str]) -> None:
        response = client.post("/api/start", json={}, headers=headers)
        assert response.status_code == 403
        assert response.json()["error"] == "Another web page may not ask the studio."

    def test_its_own_page_and_programs_are_not(self, client: TestClient) -> None:
        own = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"}
        assert client.post("/api/start", json={}, headers=own).status_code == 200
        assert client.post("/api/start", json={}).status_code == 200


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "status"),
        [(b"{", 400), (b"[]", 400), (b"5", 400), (b"\xff", 400), (b"[" * 100_000, 400)],
    )
    def test_what_is_no_object(self, client: TestClient, content: bytes, status: int) -> None:
        response = client.post("/api/log", content=content)
        assert response.status_code == status
        assert response.json()["error"].startswith("A JSON object was wanted")

    def test_a_sentence_for_what_can_not_be(self, client: TestClient) -> None:
        response = client.post("/api/sample", json={"run": "none"})
        assert response.status_code == 422
        assert response.json()["error"] == "This model is not here any more: learn it again."
        assert client.post("/api/none", json={}).status_code == 422
        assert client.get("/model/none").status_code == 404
        assert client.get("/api/log").status_code == 405

    def test_what_is_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "LARGEST", 1_000)
        app = application(lambda name, given: {}, lambda run: b"", {"127.0.0.1"})
        with TestClient(app, base_url="http://127.0.0.1") as client:
            response = client.post("/api/read", json={"text": "x" * 1_000})
            assert client.post("/api/open", content=b'"' * 999, headers=BINARY).status_code == 200
        assert response.status_code == 413
        assert "larger than 1,000 bytes" in response.json()["error"]

    def test_a_fault_of_ours_is_a_sentence(self) -> None:
        app = application(lambda name, given: 1 / 0, lambda run: b"", {"127.0.0.1"})
        with TestClient(app, base_url="http://127.0.0.1") as client:
            for call in ("log", "sample"):
                response = client.post(f"/api/{call}", json={})
                assert response.status_code == 500
                assert "ZeroDivisionError" in response.json()["error"]

    @pytest.mark.parametrize(
        "text",
        ["<img src=x onerror=alert(1)>", "</script><script>1", "a\u202eb", "a\u200b"],
    )
    def test_a_hostile_list_comes_back_as_text(self, client: TestClient, text: str) -> None:
        response = client.post("/api/read", json={"text": f"{text}\nemma\nava"})
        assert response.headers["content-type"] == "application/json"
        assert response.json()["items"] == 3

    def test_what_takes_too_long_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ended: list[str] = []

        def forever(name: str, given: dict[str, Any]) -> Any:
            try:
                while name == "sample":
                    time.sleep(0.001)
            except BaseException as error:
                ended.append(type(error).__name__)
                raise
            return {}

        monkeypatch.setattr(server, "LONGEST", 0.05)
        app = application(forever, lambda run: b"", {"127.0.0.1"})
        with TestClient(app, base_url="http://127.0.0.1") as client:
            response = client.post("/api/sample", json={})
            assert client.post("/api/explain", json={}).status_code == 200
        assert (response.status_code, ended) == (504, ["Interrupted"])
        assert "make the constraints simpler" in response.json()["error"]

    def test_what_nobody_waits_for_is_ended(self) -> None:
        def forever() -> None:
            while True:
                time.sleep(0.001)

        async def asked() -> None:
            with pytest.raises(Interrupted):
                await in_thread(forever, asyncio.sleep(0.01))
            assert await in_thread(lambda: 1, asyncio.sleep(30)) == 1
            with pytest.raises(ZeroDivisionError):
                await in_thread(lambda: 1 / 0, asyncio.sleep(30))

        asyncio.run(asked())

    def test_a_long_list_is_bounded_in_what_is_shown(self, client: TestClient) -> None:
        lines = [f"{number:06d}" + "x" * 900 for number in range(3_000)]
        response = client.post("/api/read", json={"text": "\n".join(lines)})
        assert response.json()["items"] == 3_000
        assert len(response.content) < 50_000


def test_many_readers_each_have_every_record() -> None:
    """A thread learns while thirty ask on, some of them late, one anew from the beginning."""
    work: list[Run] = []
    studio = Studio(work.append)
    read = studio.call("read", {"text": TEXT})
    run = studio.call("begin", {"list": read["list"], "model": "mlp"})["run"]
    found: list[list[Any]] = [[] for _ in range(30)]

    def follow(number: int) -> None:
        rows = found[number]
        while not rows or rows[-1]["kind"] != "ended":
            if number == 7 and len(rows) == 10:
                rows.clear()
            time.sleep(0.001 * (1 + number % 3))
            rows += studio.call("log", {"run": run, "after": len(rows)})["rows"][: number + 1]

    threads = [threading.Thread(target=follow, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for _ in work[0].steps():
        pass
    for thread in threads:
        thread.join()
    assert len(work[0].log) > 20
    assert all(rows == work[0].log for rows in found)


class TestTheCommand:
    def test_it_prints_its_address_answers_and_ends(self, tmp_path: Path) -> None:
        (tmp_path / "list.txt").write_text(TEXT)
        command = [sys.executable, "-m", "moreish", "studio", "list.txt", "--port", "0"]
        with subprocess.Popen(
            [*command, "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        ) as process:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
            with TestClientAt(address) as client:
                assert client.post("/api/start", json={}).json()["opened"]["items"] == 9
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, "")
        assert err.split("\n") == ["The studio is there until Ctrl-C.", "", "Stopped.", ""]

    def test_a_port_that_is_taken(self, run: Callable[..., Any]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            result = run("studio", "--no-browser", "--port", str(taken.getsockname()[1]))
        assert result.code == 2
        assert "can't listen at 127.0.0.1 port" in result.err

    def test_without_a_port_another_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            monkeypatch.setattr(launch, "USUAL_PORT", taken.getsockname()[1])
            with launch.place_at(None) as place:
                assert place.getsockname()[1] != taken.getsockname()[1]

    def test_what_can_not_be_opened(self, run: Callable[..., Any]) -> None:
        result = run("studio", "no-such-file", "--no-browser", "--port", "0")
        assert (result.code, result.out) == (1, "")
        assert "no-such-file" in result.err
        Path("broken.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
        result = run("studio", "broken.safetensors", "--no-browser", "--port", "0")
        assert result.code == 1
        assert "broken.safetensors is not a whole model file" in result.err

    def test_what_it_needs_is_said(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "uvicorn", None)
        result = run("studio", "--no-browser")
        assert result.code == 1
        assert "needs uvicorn, which is not installed: pip install 'moreish[serve]'" in result.err

    @pytest.mark.parametrize("kind", ["none", "terminal", "fails"])
    def test_no_browser(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        def get() -> Any:
            if kind == "none":
                raise webbrowser.Error("could not locate runnable browser")
            return webbrowser.GenericBrowser("true" if kind == "terminal" else "/no/such/program")

        monkeypatch.setattr(webbrowser, "get", get)
        said: list[str] = []
        launch.show("http://127.0.0.1:1", said.append)
        assert said == ["There is no browser to be found here: open http://127.0.0.1:1 in one."]


class TestClientAt:
    """A client of a server that runs in another process."""

    __test__ = False

    def __init__(self, address: str) -> None:
        import httpx

        self.client = httpx.Client(base_url=address, timeout=30)

    def __enter__(self) -> Any:
        return self.client

    def __exit__(self, *error: object) -> None:
        self.client.close()
