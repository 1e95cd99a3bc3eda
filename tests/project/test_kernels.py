"""A setting of `make test-kernels` that takes no effect is seen, and so is one that does."""

import pytest

import kernels


@pytest.mark.long
@pytest.mark.parametrize("capability", ["default", "no-such-capability"])
def test_a_setting_is_read_back(
    capability: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "TESTS", ["-c", "print('1 passed')"])
    setting = kernels.Setting(
        "torch",
        {"ATEN_CPU_CAPABILITY": capability},
        lambda read: read["torch"].lower() in ("default", "no avx"),
    )
    went_well = kernels.run(setting, kernels.reading())
    assert went_well == (capability == "default")
    assert ("took no effect" in capsys.readouterr().out) != went_well


def test_every_library_is_set_and_what_cannot_be_run_says_why() -> None:
    here = {"features": [], "numpy": [], "mkl": None}
    found = {setting.name: setting for setting in kernels.settings(here, None)}
    assert {name.split("-")[0] for name in found} >= {"openblas", "torch", "mkl", "numpy", "newest"}
    assert len(found) >= 11
    assert all(setting.left_out for name, setting in found.items() if name != "two-threads")
