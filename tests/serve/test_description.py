"""The service keeps to its own description, as schemathesis sees it: all its checks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import moreish
from project.structure import ROOT
from serve.service import serving

EXAMPLES = 300  # a page
NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
# tests/serve/refusals.py looks at each 422 and 504 that these let pass, and 413 is a refusal, too
SETTINGS = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "504"]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "422", "504"]
[checks.negative_data_rejection]
expected-statuses = ["400", "404", "405", "413", "422", "504"]
"""


@pytest.mark.long
def test_all_checks_of_schemathesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moreish.train(NAMES, model="bigram").save(tmp_path / "names.safetensors")
    (tmp_path / "settings.toml").write_text(SETTINGS)
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "serve.refusals")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [schemathesis, "--config-file", "settings.toml", "run", "--checks", "all"]
    command += ["--max-examples", str(EXAMPLES), "--no-color"]
    with serving(tmp_path, "names.safetensors", "--seconds", "5") as service:
        result = subprocess.run(
            [*command, f"{service.address}/openapi.json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert service.get("/health").json() == {"status": "ok", "requests": 0}
        assert service.stop() == (130, "\nStopped.\n")
    told = "\n".join(line[:300] for line in result.stdout.splitlines())
    assert result.returncode == 0, told
    assert "no issues" in told or "passed" in told, told
    found = re.search(r"(\d+) generated, ", told)
    assert found, told
    assert int(found[1]) > 3 * EXAMPLES, told
