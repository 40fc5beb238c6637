"""Which of many files are encodes of one source: by a ladder's manifest, or by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from beholder.evaluation.knee import FLOOR_POINTS, find_knee
from beholder.records import Score

_CODECS = "x264|x265|h264|h265|avc|hevc|vp8|vp9|av1|libx264|libx265|libvpx|svtav1|prores|mpeg2"
_CODEC = re.compile(rf"(?<![a-z0-9])({_CODECS})(?![a-z0-9])", re.IGNORECASE)
_RATE = re.compile(
    r"(?<![a-z0-9])((crf|qp|cq|q)[-_ ]?\d+|\d+(\.\d+)?[-_ ]?(k|kb|kbps|kbit|m|mb|mbps|mbit)"
    r"|\d{3,4}p|\d{3,4}x\d{3,4})(?![a-z0-9])",
    re.IGNORECASE,
)
_FEWEST = 3
_SLACK_SHARE = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One encode of a family."""

    codec: str
    kbps: float
    score: Score


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Encodes of one source."""

    name: str
    members: tuple[Member, ...]
    """Sorted by codec and rate."""
    knees: tuple[str, ...]
    """Paths of the lowest rate of each codec whose loss is within the model's uncertainty."""


def find_families(
    scores: Sequence[Score],
    *,
    size_bytes: Mapping[str, int],
    known: Mapping[str, tuple[str, str]] | None = None,
) -> list[Family]:
    """Find encodes of one source among scored videos.

    Names tell: files of one folder that differ only in words for codec, rate and size, and last
    equally long, are a family. So `a_x264_crf23.mp4` and `a_x264_crf28.mp4` are.

    Args:
        scores: Any scores; images are passed over.
        size_bytes: Of each file, by path.
        known: Path to content and codec, from a manifest; stronger than names.

    Returns:
        Families of at least three rates, by name.
    """
    groups: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for score in scores:
        if score.kind == "video" and score.duration_seconds and size_bytes.get(score.path):
            place, codec = (known or {}).get(score.path) or _read_name(score.path)
            kbps = size_bytes[score.path] * 8 / 1000 / score.duration_seconds
            key = (str(PurePath(score.path).parent), place)
            groups[key].append(Member(codec=codec, kbps=kbps, score=score))
    families = [_family(key, members) for key, members in sorted(groups.items())]
    return [family for family in families if family is not None]


def _read_name(path: str) -> tuple[str, str]:
    """Return what is left of a name without its codec and rate, and the codec."""
    stem = PurePath(path).stem
    codec = _CODEC.search(stem.replace("_", " "))
    rest = _RATE.sub(" ", _CODEC.sub(" ", stem.replace("_", " ")))
    if codec is None and rest == stem.replace("_", " "):
        # Nothing speaks of an encode: a file of its own.
        return stem, ""
    return " ".join(rest.replace("-", " ").split()), codec[1].lower() if codec else "encodes"


def _family(key: tuple[str, str], members: list[Member]) -> Family | None:
    folder, name = key
    durations = [member.score.duration_seconds or 0.0 for member in members]
    alike = max(durations) <= min(durations) * (1 + _SLACK_SHARE)
    if not alike or len({round(member.kbps, 3) for member in members}) < _FEWEST:
        return None
    ordered = sorted(members, key=lambda member: (member.codec, member.kbps))
    codecs = dict.fromkeys(member.codec for member in ordered)
    knees = [_knee([member for member in ordered if member.codec == codec]) for codec in codecs]
    return Family(
        name=name or PurePath(folder).name or folder,
        members=tuple(ordered),
        knees=tuple(path for path in knees if path is not None),
    )


def _knee(members: Sequence[Member]) -> str | None:
    """Return the path of the knee; None for a single rate, or looks that do not match."""
    if len(members) < 2 or len({len(member.score.timeline) for member in members}) > 1:
        return None
    scores = [member.score for member in members]
    knee = find_knee([member.kbps for member in members], scores, floor=FLOOR_POINTS)
    return members[knee.place].score.path
