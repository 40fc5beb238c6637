"""`beholder doctor`: what is installed here, and whether it gives the right digits."""

from __future__ import annotations

import json
import os
import platform
import sys
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholder.app.sink import write_text

if TYPE_CHECKING:
    from beholder.scoring.self_test import Check

EXIT_DIFFERENT = 1
_PACKAGES = ("beholder", "numpy", "scipy", "av", "onnxruntime", "typer")
_EXTRAS = {
    "vmaf": ("imageio_ffmpeg",),
    "datasets": ("openpyxl",),
    "pool": ("sklearn",),
    "report": ("jinja2",),
    "serve": ("fastapi", "uvicorn"),
    "batch": ("ray", "pyarrow"),
    "train": ("torch", "lightning_fabric", "onnx"),
}
"""Extra to the modules that tell whether it is installed."""
_DECODERS = (
    *("h264", "hevc", "vp8", "vp9", "av1", "mpeg2video", "mpeg4", "prores", "dnxhd", "ffv1"),
    *("mjpeg", "png", "webp", "gif", "tiff", "libjxl"),
)
_ENCODERS = ("libx264", "libx265", "libvpx-vp9", "libsvtav1")
_ADVICE = {
    "same": "This machine gives the same digits as ours.",
    "rounded": "This machine gives our digits but for the last one, which its processor rounds "
    "differently; scores here repeat to the digit.",
    "different": "This machine gives OTHER digits. Install the pinned versions of numpy, av and "
    "onnxruntime from a wheel, and report it with this output if that does not help.",
}


class Format(StrEnum):
    """How the findings are written."""

    table = "table"
    json = "json"


def doctor(
    output_format: Annotated[
        Format, typer.Option("--format", help="How the findings are written.")
    ] = Format.table,
) -> None:
    """Show versions, codecs and threads, and test that scores come out right.

    The test draws pictures and a clip, decodes a stored clip, scores all with the embedded
    model, and compares pixels and scores with the digits stored in the package.

    \b
    Examples:
      beholder doctor
      beholder doctor --format json

    \b
    Exit codes: 0 the digits are right, 1 they are not.
    """
    from beholder.scoring.self_test import run_self_test

    facts = _facts()
    checks = run_self_test()
    verdict = _verdict(checks)
    write_text(sys.stdout.buffer, _render(facts, checks, verdict, output_format))
    raise typer.Exit(EXIT_DIFFERENT if verdict == "different" else 0)


def _facts() -> dict[str, dict[str, str]]:
    from beholder.media.codecs import find_codecs, library_versions

    return {
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "ffmpeg": library_versions(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores in use": str(_usable_cores()),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set"),
        },
        "decoders": _have(find_codecs(_DECODERS, mode="r")),
        "encoders": _have(find_codecs(_ENCODERS, mode="w")),
        "extras": _have({extra: all(map(find_spec, _EXTRAS[extra])) for extra in _EXTRAS}),
    }


def _have(found: dict[str, bool]) -> dict[str, str]:
    return {name: "yes" if is_there else "missing" for name, is_there in found.items()}


def _usable_cores() -> int:
    """Count the cores that this process may use; systems without that notion tell all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _verdict(checks: list[Check]) -> str:
    found = {check.verdict for check in checks}
    return next(verdict for verdict in ("different", "rounded", "same") if verdict in found)


def _render(
    facts: dict[str, dict[str, str]], checks: list[Check], verdict: str, output_format: Format
) -> str:
    if output_format is Format.json:
        document: dict[str, Any] = {
            "schema": 1,
            **facts,
            "checks": [
                {
                    "name": check.name,
                    "verdict": check.verdict,
                    "found": check.found,
                    "expected": check.expected,
                }
                for check in checks
            ],
            "verdict": verdict,
        }
        return json.dumps(document, indent=2) + "\n"
    blocks = [
        f"{title}: " + ", ".join(f"{name} {value}" for name, value in entries.items())
        for title, entries in facts.items()
        if title in ("versions", "ffmpeg", "machine")
    ]
    blocks += [_list(title, facts[title]) for title in ("decoders", "encoders", "extras")]
    lines = [
        f"  {check.verdict:<9}  {check.name} {check.found}"
        + ("" if check.verdict == "same" else f", ours {check.expected}")
        for check in checks
    ]
    return "\n".join([*blocks, "self-test:", *lines, _ADVICE[verdict]]) + "\n"


def _list(title: str, entries: dict[str, str]) -> str:
    there = ", ".join(name for name, value in entries.items() if value == "yes")
    missing = ", ".join(name for name, value in entries.items() if value != "yes")
    return f"{title}: {there or 'none'}" + (f"; missing: {missing}" if missing else "")
