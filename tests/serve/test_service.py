"""The service from outside: what is answered, what is refused, and what waits for what."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import moreish
from serve.service import Service, checked, serving

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
SLOW = {"matches": "[a-z]{1,3900}", "min_length": 3000, "model": "names"}  # takes many seconds
SECONDS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    moreish.train(NAMES, model="bigram").save(place / "names.safetensors")
    moreish.train(NAMES[:5], model="ngram", split=(100, 0, 0)).save(place / "few.safetensors")
    moreish.train(NAMES[5:], model="bigram").save(place / "secret.safetensors")
    return place


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    constraints = ("--seconds", str(SECONDS), "--max-bytes", "20000", "--max-items", "100")
    with serving(folder, "names.safetensors", "few.safetensors", *constraints) as service:
        yield service


@pytest.fixture(scope="module")
def names(folder: Path) -> moreish.Model:
    return moreish.load(folder / "names.safetensors")


class TestAnswers:
    def test_sample(self, service: Service, names: moreish.Model) -> None:
        asked = {"n": 7, "prefix": "a", "max_length": 9, "seed": 3}
        answer = service.post("/sample", model="names", **asked).json()
        items = [row["item"] for row in answer["items"]]
        assert items == names.sample(**asked)
        assert [row["nats"] for row in answer["items"]] == (-names.score_samples(items)).tolist()
        assert [row["new"] for row in answer["items"]] == [item not in NAMES for item in items]
        assert [row["in"] for row in answer["items"]] == [names.dataset.known.get(i) for i in items]
        assert answer["notes"] == []

    def test_the_same_seed_gives_the_same_from_any_worker(self, service: Service) -> None:
        with ThreadPoolExecutor(8) as threads:
            found = list(
                threads.map(
                    lambda seed: service.post("/sample", model="few", n=5, seed=seed % 2).text,
                    range(16),
                )
            )
        assert len(set(found[::2])) == len(set(found[1::2])) == 1
        assert found[0] != found[1]

    def test_top(self, service: Service, names: moreish.Model) -> None:
        answer = service.post("/top", model="names", n=5, new=True, suffix="a").json()
        found = [(row["item"], row["nats"]) for row in answer["items"]]
        assert found == [(i, -p) for i, p in names.tops(5, new=True, suffix="a")]

    def test_score(self, service: Service, names: moreish.Model) -> None:
        answer = service.post("/score", model="names", items=["emma", " XQ\u0301", ""]).json()
        scores = names.scores(["emma", "XQ\u0301", ""])
        assert scores.percentile is not None
        assert [row["item"] for row in answer["items"]] == ["emma", "XQ\u0301", ""]
        for name in ("nats", "nats_per_token", "tokens", "percentile", "as_if_new"):
            found = [row[name] for row in answer["items"]]
            assert found == getattr(scores, name).tolist(), name
        assert [row["in"] is None for row in answer["items"]] == [False, True, True]

    def test_flags(self, service: Service, names: moreish.Model) -> None:
        asked = {"items": ["emma", "xqzt"], "flag_rate": 0.5}
        answer = service.post("/score", model="names", **asked).json()
        flagged = names.scores(**asked).flagged
        assert flagged is not None
        assert [row["flagged"] for row in answer["items"]] == flagged.tolist()
        wrong = service.post("/score", model="names", items=["emma"], flag_rate=2)
        assert wrong.status_code == 422
        assert service.post("/score", model="few", **asked).status_code == 422

    def test_explained_with_notes(self, service: Service, names: moreish.Model) -> None:
        trained = names.dataset.split("train").texts[0]
        asked = {"items": ["anxna\u00e9", trained], "explain": True}
        answer = service.post("/score", model="names", **asked).json()
        found = names.explain("anxna\u00e9")
        row = answer["items"][0]
        assert (row["repair"], row["edit"]) == (found.repair, found.edit)
        assert row["surprise"] == found.nats.tolist()
        assert answer["notes"][0].startswith("Not in the training data, so")

    def test_a_summary(self, service: Service, names: moreish.Model) -> None:
        asked = {"n": 40, "prefix": "ma", "max_length": 8}
        summary = service.post("/sample", model="names", summary=True, **asked).json()["summary"]
        found = names.summary(names.sample(**asked))
        assert (summary["items"], summary["new"]) == (40, found.new)
        assert summary["probability"] == names.probability(prefix="ma", max_length=8)
        lengths = {
            row["tokens"]: (row["share"], row["share_of_list"]) for row in summary["lengths"]
        }
        assert lengths == found.lengths
        assert service.post("/sample", model="names", **asked).json().get("summary") is None

    @pytest.mark.parametrize("page", ["/sample", "/top"])
    def test_a_ledger(self, service: Service, names: moreish.Model, page: str) -> None:
        answer = service.post(page, model="names", n=4, ledger=True).json()
        entries = names.ledger([row["item"] for row in answer["items"]])
        for row, entry in zip(answer["items"], entries, strict=True):
            for name in ("nearest", "distance", "copied"):
                assert row[name] == getattr(entry, name)

    def test_no_dev_no_percentile(self, service: Service) -> None:
        assert (
            service.post("/score", model="few", items=["a"]).json()["items"][0]["percentile"]
            is None
        )

    def test_models_without_their_places(self, service: Service) -> None:
        answer = service.get("/models")
        assert [(m["name"], m["model"]) for m in answer.json()["models"]] == [
            ("names", "bigram"),
            ("few", "ngram"),
        ]
        assert "safetensors" not in answer.text

    def test_health(self, service: Service) -> None:
        assert service.get("/health").json() == {"status": "ok", "requests": 0}

    def test_every_example_of_the_description_is_answered(self, service: Service) -> None:
        described = service.get("/openapi.json").json()
        assert set(described["paths"]) == {"/sample", "/top", "/score", "/models", "/health"}
        tried = 0
        for page, methods in described["paths"].items():
            if "post" not in methods:
                assert service.get(page).status_code == 200
                continue
            body = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
            name = body["$ref"].rsplit("/", 1)[-1]
            for example in described["components"]["schemas"][name]["examples"]:
                answer = service.post(page, **example, model="names")
                told = answer.json()["error"] if answer.status_code != 200 else ""
                assert not told or "nowhere in the training data" in told
                tried += 1
        assert tried == 3

    def test_the_page_that_explains_it_is_whole(self, service: Service) -> None:
        page = service.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        for name in (
            "/sample",
            "/top",
            "/score",
            "/models",
            "/health",
            "temperature",
            "percentile",
        ):
            assert name in page.text
        assert f"curl -s {service.address}/top --json" in page.text
        assert set(re.findall(r"https?://[^/ ]+", page.text)) == {service.address}
        assert service.get("/").headers["location"] == "/docs"


class TestBadInput:
    @pytest.mark.parametrize(
        ("content", "status", "told"),
        [
            (b"hello", 400, "not JSON: expecting value at character 1."),
            (b'{"n": 1', 400, "not JSON"),
            (b"", 400, "must be a JSON object"),
            (b"[1]", 400, "must be a JSON object"),
            (b'"n"', 400, "must be a JSON object"),
            (b"\xff\xfe", 400, "not JSON"),
            (b"[" * 15_000, 422, "this one has 15,000 values or more"),
            (b"[" * 100 + b"]" * 100, 400, "must be a JSON object"),
            (b'{"n": ' * 90, 400, "not JSON"),
            (
                b'{"model": "names", "temperature": NaN}',
                422,
                "infinite was wanted, got NaN",
            ),
            (b'{"model": "names", "temperature": 1e999}', 422, "not NaN or infinite"),
            (b'{"model": "names", "n": "3"}', 422, "for 'n' a whole number was wanted, got '3'"),
            (b'{"model": "names", "n": true}', 422, "whole number was wanted, got true"),
            (b'{"model": "names", "n": 1.5}', 422, "whole number"),
            (b'{"model": "names", "n": ' + b"9" * 5_000 + b"}", 400, "not JSON"),
            (b'{"model": "names", "matches": "\\ud800"}', 422, ""),
            (b'{"model": "names", "contains": "\\ud800"}', 422, "a text of whole characters"),
        ],
    )
    def test_bytes(self, service: Service, content: bytes, status: int, told: str) -> None:
        answer = service.send(content)
        assert answer.status_code == status, answer.text
        assert told.lower() in answer.json()["error"].lower()

    @pytest.mark.parametrize(
        ("request_", "status", "told"),
        [
            ({"n": 10_000_000}, 422, "at most 100 items, and this one asks for 10,000,000"),
            ({"n": 10**40}, 422, "at most 100 items"),
            ({"n": -1}, 422, "for 'n' a number of 0 or more was wanted, got -1"),
            ({"temperature": -1}, 422, "for 'temperature' a number of 0 or more was wanted"),
            ({"top_k": 0}, 422, "for 'top_k' a number of 1 or more was wanted"),
            ({"top_p": 1.5}, 422, "for 'top_p' a number of at most 1 was wanted, got 1.5"),
            ({"seed": -1}, 422, "for 'seed' a number of 0 or more was wanted, got -1"),
            ({"matches": "a(b"}, 422, "at the arrow:\n  a(b\n   ^"),
            ({"matches": "(a|b|aa)*a(a|b|e){60}"}, 422, "more than 4,000 states"),
            ({"min_length": 5, "max_length": 3}, 422, "at least 5 and at most 3"),
            ({"suffix": "o", "matches": ".*a"}, 422, "matches .*a rules out all that suffix o"),
            ({"prefix": "日"}, 422, "nowhere in the training data"),
            ({"max_lenght": 3}, 422, "there is no option 'max_lenght'"),
            ({"prefix": 3}, 422, "for 'prefix' a text was wanted, got 3"),
            ({"model": "nobody"}, 404, "no model 'nobody' here; there are names, few"),
            ({"model": None}, 422, "a model is wanted, as there are several: names, few"),
        ],
    )
    def test_samples(self, service: Service, request_: dict, status: int, told: str) -> None:
        answer = service.post("/sample", **{"model": "names", **request_})
        assert answer.status_code == status, answer.text
        assert told.lower() in answer.json()["error"].lower()

    def test_scores(self, service: Service) -> None:
        for items, told in (
            (["a"] * 101, "at most 100 items"),
            (["a", 1], "for 'items'[1] a text was wanted, got 1"),
            (["a\nb"], "line break"),
            ("emma", "a list of texts was wanted"),
            (["\ud800"], ""),
        ):
            answer = service.send(json.dumps({"model": "names", "items": items}).encode(), "/score")
            assert answer.status_code == 422, answer.text
            assert told.lower() in answer.json()["error"].lower()
        assert "'items' is wanted" in service.post("/score", model="names").json()["error"]

    def test_too_large_whether_it_says_so_or_not(self, service: Service) -> None:
        body = json.dumps({"model": "names", "items": ["emma"] * 5_000}).encode()
        pieces = (body[first : first + 1_000] for first in range(0, len(body), 1_000))
        for content in (body, pieces):
            answer = service.send(content, "/score")
            assert answer.status_code == 413
            assert "larger than 20,000 bytes" in answer.json()["error"]

    def test_it_opens_no_file_that_is_named(self, service: Service, folder: Path) -> None:
        for name in ("secret", "secret.safetensors", str(folder / "secret.safetensors"), "../few"):
            answer = service.post("/sample", model=name)
            assert answer.status_code == 404, name

    def test_other_pages_and_methods(self, service: Service) -> None:
        for method, page, status in (
            ("GET", "/nowhere", 404),
            ("GET", "/sample", 405),
            ("POST", "/models", 405),
            ("DELETE", "/models", 405),
        ):
            answer = checked(httpx.request(method, f"{service.address}{page}"))
            assert answer.status_code == status
            assert "/docs" in answer.json()["error"]

    def test_not_said_to_be_json(self, service: Service) -> None:
        answer = checked(httpx.post(f"{service.address}/sample", content=b'{"n": 1}'))
        assert answer.status_code == 400
        assert "Content-Type: application/json" in answer.json()["error"]

    @pytest.mark.long
    def test_a_body_that_never_ends(self, service: Service) -> None:
        def slowly() -> Iterator[bytes]:
            yield b'{"n": '
            time.sleep(SECONDS + 0.2)
            yield b"1}"

        assert service.send(slowly()).status_code == 408


class TestTime:
    @pytest.mark.long
    def test_what_takes_too_long(self, service: Service) -> None:
        answer = service.post("/sample", **SLOW)
        assert answer.status_code == 504
        assert "no answer within 2 seconds" in answer.json()["error"]
        assert service.post("/sample", model="names", n=3, suffix="a").status_code == 200

    def test_work_ends_when_whoever_asked_leaves(self, service: Service) -> None:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{service.address}/sample", json=SLOW, timeout=0.3)
        while service.get("/health").json()["requests"]:
            time.sleep(0.01)

    @pytest.mark.long
    def test_quick_ones_do_not_wait_for_slow_ones_nor_does_control_c(self, folder: Path) -> None:
        with (
            serving(folder, "names.safetensors", "--seconds", "600", "--seats", "2") as service,
            ThreadPoolExecutor(6) as threads,
        ):
            slow = [threads.submit(service.post, "/sample", **SLOW) for _ in range(6)]
            while service.get("/health").json()["requests"] < 6:
                time.sleep(0.01)
            for page, request in (
                ("/sample", {"n": 5}),
                ("/score", {"items": NAMES}),
                ("/sample", {"n": 5, "suffix": "a"}),
                ("/top", {"n": 5}),
            ):
                assert service.post(page, **request).status_code == 200
            assert not any(answer.done() for answer in slow)
            assert service.stop() == (130, "\nStopped.\n")
        for answer in slow:
            assert answer.result().status_code == 503
            assert "the service is being ended" in answer.result().json()["error"].lower()


@pytest.mark.long
def test_control_c_while_nobody_asks(folder: Path) -> None:
    with serving(folder, "names.safetensors") as service:
        assert service.post("/sample", n=1).status_code == 200
        assert service.stop() == (130, "\nStopped.\n")
