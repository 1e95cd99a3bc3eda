"""Run the numeric tests as another processor would: other kernels, vector units and threads.

    python tools/kernels.py [--newest PYTHON] [NAME ...]      all settings, or those named

Libraries choose their kernels by the processor, so a number that is right to the last digit here
may be another one elsewhere. Each setting changes one factor, in a process of its own. Libraries
ignore a wrong name silently, so each setting is read back before its tests run, and it is an error
if it took no effect. What this processor can't execute is left out, with a sentence.

`--newest` names a Python in whose environment the newest dependencies are installed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TESTS = ["-m", "pytest", "--quiet", "-m", "numeric and not long", "-p", "no:cacheprovider"]
# OpenBLAS's names of the kernels, the feature each needs, and what it calls itself when read back.
KERNELS = {
    "Prescott": ("SSE3", {"Prescott", "Katmai"}),
    "Haswell": ("AVX2", {"Haswell"}),  # an AMD Zen runs Haswell's
    "SkylakeX": ("AVX512_SKX", {"SkylakeX"}),
}
CAPABILITIES = {"default": "SSE3", "avx2": "AVX2", "avx512": "AVX512_SKX"}  # PyTorch's

Reading = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """One factor that is changed, and how to see that it took effect."""

    name: str
    variables: dict[str, str]
    took_effect: Callable[[Reading], bool]
    processes: int = 2
    python: str = sys.executable
    left_out: str = ""  # why it can't be run here


def reading() -> Reading:
    """What the libraries say of themselves in this process."""
    import numpy as np
    import threadpoolctl
    import torch

    pools = threadpoolctl.threadpool_info()
    features = np._core._multiarray_umath.__cpu_features__
    return {
        "openblas": sorted({p["architecture"] for p in pools if p["internal_api"] == "openblas"}),
        "blas threads": max(p["num_threads"] for p in pools if p["user_api"] == "blas"),
        "torch threads": torch.get_num_threads(),
        "torch": torch.backends.cpu.get_cpu_capability(),
        "mkl": _mkl_mode(),
        "numpy": [name for name in np._core._multiarray_umath.__cpu_dispatch__ if features[name]],
        "features": [name for name, is_there in features.items() if is_there],
    }


def _mkl_mode() -> str | None:
    """How MKL keeps results alike across processors; it tells no other way than its log."""
    code = "import torch; a = torch.ones(50, 50); a @ a"
    verbose = os.environ | {"MKL_VERBOSE": "1"}
    said = subprocess.run([sys.executable, "-c", code], env=verbose, capture_output=True, text=True)
    found = re.search(r"CNR:(\w+)", said.stdout)
    return found[1] if found else None


def read_in_a_child(setting: Setting) -> Reading:
    command = [setting.python, __file__, "--read"]
    done = subprocess.run(command, env=environment(setting), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{setting.name}: the setting can't be read back:\n{done.stderr}")
    found: Reading = json.loads(done.stdout)
    return found


def environment(setting: Setting) -> dict[str, str]:
    return os.environ | {"OPENBLAS_NUM_THREADS": "1"} | setting.variables


def settings(here: Reading, newest: str | None) -> Iterator[Setting]:
    """All settings, given what the libraries say of this processor."""
    can = set(here["features"])

    def why_not(feature: str) -> str:
        return "" if feature in can else f"this processor has no {feature}"

    for kernel, (feature, names) in KERNELS.items():
        yield Setting(
            f"openblas-{kernel.lower()}",
            {"OPENBLAS_CORETYPE": kernel},
            lambda read, names=names: bool(names.intersection(read["openblas"])),
            left_out=why_not(feature),
        )
    for capability, feature in CAPABILITIES.items():
        yield Setting(
            f"torch-{capability}",
            {"ATEN_CPU_CAPABILITY": capability},
            lambda read, name=capability: read["torch"].lower() in (name, f"no {name}"),
            left_out=why_not(feature),
        )
    yield Setting(
        "mkl-compatible",
        {"MKL_CBWR": "COMPATIBLE"},
        lambda read: read["mkl"] == "COMPATIBLE",
        left_out="" if here["mkl"] else "this PyTorch has no MKL",
    )
    wide = [name for name in here["numpy"] if "AVX512" in name or name == "X86_V4"]
    for name, off in {"numpy-no-avx512": wide, "numpy-baseline": here["numpy"]}.items():
        yield Setting(
            name,
            {"NPY_DISABLE_CPU_FEATURES": " ".join(off)},
            lambda read, off=off: not set(off).intersection(read["numpy"]),
            left_out="" if off else "NumPy uses no such features on this processor",
        )
    yield Setting(
        "two-threads",
        {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
        lambda read: read["blas threads"] == read["torch threads"] == 2,
        processes=0,
        left_out="" if (os.cpu_count() or 1) > 1 else "this machine has one processor",
    )
    yield Setting(
        "newest",
        {},
        lambda read: True,  # its environment is made anew by `make test-kernels`
        python=newest or "",
        left_out="" if newest else "no environment was named by --newest",
    )


def run(setting: Setting, before: Reading) -> bool:
    """Read the setting back, then run the tests under it; whether both went well."""
    read = read_in_a_child(setting)
    seen = {key: value for key, value in read.items() if value != before[key]}
    seen.pop("features", None)
    print(f"{setting.name}: {setting.variables or setting.python}, read back: {seen}", flush=True)
    if not setting.took_effect(read):
        print(f"{setting.name}: FAILED: the setting took no effect", flush=True)
        return False
    began = time.perf_counter()
    command = [setting.python, *TESTS, f"--numprocesses={setting.processes}", "--dist=worksteal"]
    done = subprocess.run(
        command, env=environment(setting), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    lines = done.stdout.strip().split("\n")
    print("\n".join(lines[-1:] if not done.returncode else lines[-60:]))
    verdict = "passed" if not done.returncode else "FAILED"
    print(f"{setting.name}: {verdict} in {time.perf_counter() - began:.0f} s", flush=True)
    return not done.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--newest", metavar="PYTHON")
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        print(json.dumps(reading()))
        return
    here = reading()
    found = {setting.name: setting for setting in settings(here, asked.newest)}
    for name in asked.names:
        if name not in found:
            raise SystemExit(f"no setting {name!r}; there are {', '.join(found)}")
    chosen = [s for name, s in found.items() if name in (asked.names or found)]
    went = {s.name: run(s, here) for s in chosen if not s.left_out}
    for setting in chosen:
        if setting.left_out:
            print(f"{setting.name}: left out, as {setting.left_out}")
    failed = [name for name, went_well in went.items() if not went_well]
    print(
        f"{len(went) - len(failed)} passed, {len(failed)} failed, {len(chosen) - len(went)} skipped"
    )
    raise SystemExit(1 if failed or not went else 0)


if __name__ == "__main__":
    main()
