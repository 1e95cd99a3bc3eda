"""What the page of the service shows is what it answers."""

import json
import shlex
from pathlib import Path

import httpx

import moreish
from project.readme import blocks, commands, matches
from project.structure import ROOT
from serve.service import serving


def test_what_the_page_shows(tmp_path: Path) -> None:
    (shown,) = [
        commands(block.text)
        for block in blocks((ROOT / "docs" / "service.md").read_text(encoding="utf-8"))
        if block.text.startswith("$ moreish serve")
    ]
    (start, said), *questions = shown
    assert start == "moreish serve names.safetensors"
    assert said == [
        "Serving names at http://127.0.0.1:8000 until Ctrl-C; "
        "http://127.0.0.1:8000/docs explains it."
    ]
    assert len(questions) == 4
    moreish.train(model="bigram").save(tmp_path / "names.safetensors")
    with serving(tmp_path, "names.safetensors") as service:
        for command, expected in questions:
            curl, silent, place, option, body = shlex.split(command)
            assert (curl, silent, option) == ("curl", "-s", "--json")
            address = service.address + place.removeprefix("localhost:8000")
            answer = httpx.post(address, json=json.loads(body), timeout=30)
            assert matches(expected, [answer.text]), answer.text
