"""The nouns that travel between rooms: frozen, typed, units in the names.

Axis letters: T frames, H height, W width, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["image", "video"]
Word = Literal["bad", "poor", "fair", "good", "excellent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ColorInfo:
    """How the numbers of a picture mean light, in FFmpeg's lower-case names.

    Unspecified values are already replaced by the ones a player would assume.
    """

    full_range: bool
    """True for 0..255 (JPEG, "pc"), False for 16..235 ("tv")."""
    matrix: str
    """`bt709`, `bt601`, `bt2020` or `rgb` (no matrix)."""
    primaries: str
    """`bt709`, `bt601`, `bt2020` or `p3`."""
    transfer: str
    """`sdr`, `pq` or `hlg`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaInfo:
    """What a file holds, learnt without decoding more than one frame."""

    path: str
    kind: Kind
    width_px: int
    """Displayed width: after rotation and before any scaling."""
    height_px: int
    """Displayed height: after rotation and before any scaling."""
    rotation_degrees: int
    """Clockwise turn that is applied after decoding: 0, 90, 180 or 270."""
    mirrored: bool
    """True when the picture is flipped left to right before it is turned (EXIF 2, 4, 5, 7)."""
    fps: float | None
    """Mean frame rate; None for an image."""
    duration_seconds: float | None
    """Time from the first to the end of the last frame; None for an image."""
    num_frames: int
    """Number of frames: exact where the container tells, else fps times duration, at least 1."""
    codec: str
    pixel_format: str
    bits_per_channel: int
    color: ColorInfo
    interlaced: bool
    has_alpha: bool
    notes: tuple[str, ...] = ()
    """Facts that the reader of a score should know, e.g. `tone-mapped from pq to sdr`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FramePlan:
    """Which frames to decode: times in whole microseconds from the start, rising, unique."""

    times_us: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One decoded picture as a person would see it."""

    pixels: np.ndarray
    """uint8 [H, W, 3], RGB, upright, full range, SDR with BT.709 primaries."""
    time_seconds: float
    """Presentation time from the start of the file; 0.0 for an image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A rectangle of a frame and the size to which it is resized."""

    top_px: int
    left_px: int
    height_px: int
    width_px: int
    out_height_px: int
    out_width_px: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewSpec:
    """How a model looks at a file; it is stored in the model's card and nowhere else.

    Every frame is seen whole, shrunk where it is larger than `overview_area_px`. A frame larger
    than `whole_area_px` is also seen in square `detail` windows at up to its own resolution,
    which is where coding artefacts live.
    """

    frames_per_second: float
    """Frames looked at per second of video."""
    min_frames: int
    """Least number of frames of a video that is long enough to have them."""
    max_frames: int
    """Most frames, whatever the duration; cost is bounded by it."""
    overview_area_px: int
    """Most pixels of the view of the whole frame; smaller frames are not enlarged to it."""
    whole_area_px: int
    """Frames of at most this many pixels have no details: the whole shows enough."""
    detail_side_px: int
    """Side of the square detail windows, at the model's input."""
    detail_short_side_px: int
    """Viewing distance: frames with a larger shorter side are first shrunk until it is this."""
    image_details: int
    """Detail windows of a still picture."""
    frame_details: int
    """Detail windows of each frame of a video."""
    detail_weight: float
    """Share of the details in a frame's score, 0..1; the overview has the rest."""
    size_multiple_px: int
    """Sides of every view are multiples of this."""
    mean: tuple[float, float, float]
    """Subtracted from RGB in 0..255."""
    std: tuple[float, float, float]
    """Divides after the subtraction."""
    moving_details: bool = True
    """Whether the details of a video move over the picture from frame to frame, to see all of it,
    or stay where they are, for networks that look at motion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelinePoint:
    """The score of one frame."""

    time_seconds: float
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultSpan:
    """A stretch of time in which a fault was seen."""

    start_seconds: float
    end_seconds: float
    value: float
    """The worst figure in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One reason why a file may look bad, measured without a model; see `docs/faults.md`."""

    name: str
    value: float
    """Mean over the frames looked at, in `unit`; more is worse."""
    unit: str
    limit: float
    """A frame with more than this has the fault."""
    share: float
    """Share of the frames looked at that have it, 0..1."""
    named: bool
    """Whether enough frames have it to call it a reason."""
    spans: tuple[FaultSpan, ...]
    """At most three, the worst first; none for an image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How good a file looks: 0 to 100, higher is better, linear in the five-grade scale."""

    path: str
    kind: Kind
    score: float
    """25 * (MOS - 1) for a mean opinion in 1..5."""
    interval: tuple[float, float]
    """90 % interval (split conformal) for the mean opinion of people."""
    word: Word
    model: str
    """Model id: `name@first 12 digits of the file's SHA-256`."""
    frames_used: int
    width_px: int
    height_px: int
    duration_seconds: float | None
    fps: float | None
    timeline: tuple[TimelinePoint, ...]
    """One point per frame used; a single one for an image, or for a clip that was judged as one."""
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] | None = None
    """None where they were not asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why one input has no score."""

    path: str
    error: str
    """The error's code, e.g. `damaged`."""
    message: str
