"""What stands behind `--rungs`: the list of encodes, checked before the first one starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from beholder.errors import UsageError
from beholder.ladders.encode import check_rate, get_codec

_EXAMPLE = "write e.g. crf:23,33 or kbps:2000,500 or size:720,360"
_KINDS = ("crf", "kbps", "size")
_MIN_HEIGHT_PX = 16
"""The smallest side that all the encoders take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungPlan:
    """One encode that is wanted; exactly one of `crf` and `kbps` is given."""

    codec: str
    crf: int | None = None
    kbps: float | None = None
    height_px: int | None = None
    """Height to which the source is shrunk first; None leaves it as it is."""

    @property
    def label(self) -> str:
        """Name for people, without the codec: `crf 23`, `540p, 1200 kbit/s`."""
        rate = f"crf {self.crf}" if self.kbps is None else f"{self.kbps:g} kbit/s"
        return rate if self.height_px is None else f"{self.height_px}p, {rate}"

    @property
    def file_name(self) -> str:
        """Name of the encoded clip; another one for each rung of a ladder."""
        rate = f"crf{self.crf}" if self.kbps is None else f"{self.kbps:g}kbps"
        size = "" if self.height_px is None else f"-{self.height_px}p"
        return f"{self.codec}{size}-{rate}{get_codec(self.codec).suffix}"


def plan_rungs(
    codecs: Sequence[str], rungs: Sequence[str], *, source_height_px: int
) -> list[RungPlan]:
    """List the encodes of a ladder, codec by codec.

    Args:
        codecs: Names in `CODECS`.
        rungs: One or two lists of a kind each: `crf:23,33` or `kbps:2000,500`, and `size:720,360`
            for heights in pixels. Both together give each size at each rate; sizes alone are
            encoded at the `crf_usual` of each codec.
        source_height_px: Sizes may not be larger.

    Raises:
        UnknownName: There is no codec of a name.
        UsageError: Rungs that cannot be read, do not fit together or are out of range.
    """
    wanted = _read_lists(rungs)
    if "crf" in wanted and "kbps" in wanted:
        raise UsageError("expected rungs of crf or of kbps, found both; run the command twice")
    heights = _heights(wanted.get("size"), source_height_px)
    plans = []
    for codec in dict.fromkeys(codecs):
        usual = get_codec(codec).crf_usual
        for height_px, rate in product(heights, wanted.get("kbps") or wanted.get("crf") or [usual]):
            is_rate = "kbps" in wanted
            plan = RungPlan(
                codec=codec,
                crf=None if is_rate else int(rate),
                kbps=rate if is_rate else None,
                height_px=height_px,
            )
            check_rate(get_codec(codec), kbps=plan.kbps, crf=plan.crf)
            plans.append(plan)
    return plans


def _read_lists(rungs: Sequence[str]) -> dict[str, list[float]]:
    wanted: dict[str, list[float]] = {}
    for text in rungs:
        kind, _, values = text.partition(":")
        if kind not in _KINDS or not values:
            raise UsageError(f"expected rungs of {', '.join(_KINDS)}, found {text!r}; {_EXAMPLE}")
        if kind in wanted:
            raise UsageError(f"expected one list of {kind}, found two; join them with commas")
        wanted[kind] = [_number(value, kind, text) for value in values.split(",")]
    if not wanted:
        raise UsageError(f"expected at least one list of rungs, found none; {_EXAMPLE}")
    return {kind: list(dict.fromkeys(values)) for kind, values in wanted.items()}


def _number(value: str, kind: str, text: str) -> float:
    try:
        return float(value) if kind == "kbps" else int(value)
    except ValueError as error:
        what = "numbers" if kind == "kbps" else "whole numbers"
        raise UsageError(
            f"expected {what} with commas between them after {kind}:, found {value!r} in "
            f"{text!r}; {_EXAMPLE}"
        ) from error


def _heights(sizes: Sequence[float] | None, source_height_px: int) -> list[int | None]:
    if sizes is None:
        return [None]
    for height_px in sizes:
        if not _MIN_HEIGHT_PX <= height_px <= source_height_px or height_px % 2:
            raise UsageError(
                f"expected even sizes of {_MIN_HEIGHT_PX} to {source_height_px} px (the height of "
                f"the source), found {height_px:g}; enlarging adds bits and no detail"
            )
    return [int(height_px) for height_px in sizes]
