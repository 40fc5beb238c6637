"""The picture behind `beholder score --heat-map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from beholder.app.look import decode_look
from beholder.app.sink import open_sink
from beholder.errors import UsageError
from beholder.records import Failure, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholder.scoring import Scorer


def check_count(inputs: Sequence[str | Failure], target: Path | None) -> None:
    """Refuse a heat map of several files before any work; raises `UsageError`."""
    if target is not None and len(inputs) != 1:
        raise UsageError(
            f"expected one file with --heat-map, found {len(inputs)}; call it for each"
        )


def write_heat_map(scorer: Scorer, results: Sequence[Score | Failure], target: Path | None) -> None:
    """Paint where the model sees damage in a picture, or in the worst look of a video.

    Args:
        scorer: A model of single frames.
        results: What was scored: one file; a failure gets no picture.
        target: PNG file to write; None writes nothing.

    Raises:
        UsageError: A model of whole clips, or a picture that is too small.
        MediaError: The file went away after it was scored.
    """
    if target is None:
        return
    score = results[0]
    if isinstance(score, Failure):
        return
    from beholder.media import probe
    from beholder.reports.damage_picture import draw_damage

    worst = min(score.timeline, key=lambda point: point.score)
    pixels = decode_look(probe(score.path), worst.time_seconds)
    damage = scorer.map_damage(pixels)
    with open_sink(target, stream=False) as sink:
        sink.write(draw_damage(pixels, damage.points, cell_px=damage.cell_px))
