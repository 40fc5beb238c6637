"""The noun of this room: one frozen model, where it comes from and what it is fed with."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from beholder.errors import DataError
from beholder.sampling.resize import Kernel

Kind = Literal[
    "onnx", "timm", "torchvision", "torchvision_video", "open_clip", "transformers", "beholder"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

_PLAIN_TEXT = re.compile(
    r"frames: uint8 \[batch,(?P<side>\d+),(?P=side),3\] RGB, (?P<fit>squash|centre crop) (?P=side)"
)
_NAME = re.compile(r"[\w.+-]+")

MOST_TILES = 4
"""Along the shorter side of a frame: a file must not decide how much is allocated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InputSpec:
    """What a model is fed with; equal specs are prepared once for all models that share them."""

    fit: Literal["squash", "crop", "tiles"]
    """`squash`: the whole frame, sides squeezed to a square; `crop`: the middle square; `tiles`:
    the fewest squares that cover the frame, at its own resolution, whose features are averaged."""
    size_px: int
    """Side of the square that the model sees."""
    short_px: int | None = None
    """For `crop`: the shorter side is first resized to this; None cuts at the frame's own
    resolution, and only enlarges frames that are smaller than the square. For `tiles`: frames with
    a longer shorter side are first shrunk to this, 1 to 4 times the square."""
    kernel: Kernel = "cubic"
    """Filter of the resize, both with antialiasing."""
    clip_frames: int = 0
    """0: single frames, whose features are averaged; else frames of the one clip that is seen."""
    pixels: Literal["uint8", "float"] = "float"
    """`uint8`: [H, W, 3] as it is; `float`: float32 [3, H, W], `(value - mean) / std`."""
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of RGB in 0..255; only for `float`."""
    std: tuple[float, float, float] = (255.0, 255.0, 255.0)
    """Of RGB in 0..255; only for `float`."""

    def __post_init__(self) -> None:
        """Refuse sizes and deviations that cannot be."""
        sizes = (self.size_px, self.size_px if self.short_px is None else self.short_px)
        good = min(sizes) >= 1 and max(sizes) <= 4096 and 0 <= self.clip_frames <= 256
        numbers = (*self.mean, *self.std)
        if not (good and all(map(math.isfinite, numbers)) and min(self.std) > 0):
            raise DataError(
                "expected sides in 1..4096, at most 256 clip frames and deviations above 0, "
                f"found {self}; correct the pool file"
            )
        if self.short_px is not None and (self.fit == "squash" or self.short_px < self.size_px):
            raise DataError(
                "expected short_px with fit 'crop' or 'tiles' only and of at least "
                f"{self.size_px}, found {self.short_px} with {self.fit!r}; correct the pool file"
            )
        if self.fit == "tiles" and (self.clip_frames or not self._bounds_tiles()):
            raise DataError(
                "expected fit 'tiles' for single frames and with short_px of at most "
                f"{MOST_TILES * self.size_px}, found {self}; correct the pool file"
            )

    def _bounds_tiles(self) -> bool:
        return self.short_px is not None and self.short_px <= MOST_TILES * self.size_px


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolEntry:
    """One frozen model: facts only, nothing is loaded."""

    name: str
    """Names its features on disk."""
    kind: Kind
    model: str
    """A file for `onnx`; else the model's id in the library of that kind."""
    pretext: str = ""
    """What it was trained for; the selection takes at most two of one pre-task."""
    licence: str = ""
    source: str = ""
    input: InputSpec | None = None
    """None: what the library says of this model."""
    features: int | None = None
    """Width of its features where it is known before loading."""
    weights: str = ""
    """A local file of weights that is loaded in place of the library's own."""

    def __post_init__(self) -> None:
        """Refuse names that cannot name a file, and kinds that do not exist."""
        if not _NAME.fullmatch(self.name):
            raise DataError(
                f"expected a name of letters, digits, '_', '.', '+' or '-', found {self.name!r}; "
                "correct the pool file"
            )
        if self.kind not in KINDS:
            raise DataError(
                f"expected one of the kinds {', '.join(KINDS)} for {self.name!r}, "
                f"found {self.kind!r}; correct the pool file"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as JSON can hold it; `entry_from_dict` reads it back equal."""
        return dataclasses.asdict(self)


def entry_from_dict(data: Mapping[str, Any]) -> PoolEntry:
    """Read one entry of a pool file.

    Args:
        data: Our own fields, or those of a plain list of ONNX files: `name`, `file`, `pretext`,
            `licence`, `source`, `features` and `input` as the text `frames: uint8
            [batch,256,256,3] RGB, squash 256` (or `centre crop 256`). Other fields are ignored.

    Raises:
        DataError: A field is missing or holds something else.
    """
    known = {field.name for field in dataclasses.fields(PoolEntry)}
    fields = {name: value for name, value in data.items() if name in known}
    if "file" in data:
        fields |= {"kind": "onnx", "model": data["file"]}
    try:
        return PoolEntry(**{**fields, "input": _read_input(data.get("input"))})
    except (TypeError, ValueError) as error:
        raise DataError(
            f"expected the entry of a pool file, found {dict(data)!r}: {error}; "
            "see the fields in docs/pool.md"
        ) from error


def _read_input(data: object) -> InputSpec | None:
    if data is None:
        return None
    if isinstance(data, Mapping):
        tuples = {name: tuple(data[name]) for name in ("mean", "std") if name in data}
        return InputSpec(**{**data, **tuples})
    match = _PLAIN_TEXT.fullmatch(str(data))
    if match is None:
        raise DataError(
            "expected an input like 'frames: uint8 [batch,256,256,3] RGB, squash 256' or an "
            f"object, found {data!r}; see docs/pool.md"
        )
    squash = match["fit"] == "squash"
    return InputSpec(fit="squash" if squash else "crop", size_px=int(match["side"]), pixels="uint8")
