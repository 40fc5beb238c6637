"""Encode a clip at one rung after the other and score each: shared by `demo` and `ladder`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from beholder.app.sink import open_sink
from beholder.errors import UsageError

if TYPE_CHECKING:
    from beholder.ladders.rungs import RungPlan
    from beholder.ladders.stream import Clip
    from beholder.reports.ladder import Ladder, ScoredRung
    from beholder.scoring import Scorer

CURVE = "curve.png"


@dataclass(frozen=True, kw_only=True, slots=True)
class Climb:
    """How a ladder is climbed."""

    clip: Clip
    scorer: Scorer
    out: Path
    """Folder of the results; it exists."""
    keep: bool
    """Leave the encoded clips in `out`."""
    vmaf: bool = False
    """Measure VMAF against the source too; takes a lossless copy of it for the time."""


def make_folder(out: Path) -> None:
    """Make the folder of results.

    Raises:
        UsageError: It cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"expected a folder that can be made, found {str(out)!r}: {error.strerror}; "
            "choose another --out"
        ) from error


def climb(plans: Sequence[RungPlan], how: Climb) -> Iterator[ScoredRung]:
    """Encode and score each rung.

    Clips are made in a hidden folder, which goes away whatever happens, and moved out of it when
    they are whole and scored.

    Args:
        plans: What to encode.
        how: From what, and where to.

    Yields:
        One scored rung per plan, in the same order, as each is ready.

    Raises:
        BeholderError: The source cannot be read, encoded or compared.
    """
    from beholder.ladders.encode import write_lossless

    with tempfile.TemporaryDirectory(dir=how.out, prefix=".ladder-") as folder:
        reference = Path(folder, "reference.mkv")
        if how.vmaf:
            write_lossless(how.clip.frames(None), reference, fps=how.clip.fps)
        for plan in plans:
            path = Path(folder, plan.file_name)
            kept = how.out / plan.file_name if how.keep else None
            rung = _rung(plan, how, path, kept=kept, reference=reference if how.vmaf else None)
            if kept is None:
                path.unlink()
            else:
                path.replace(kept)
            yield rung


def write_curve(ladder: Ladder, out: Path, *, title: str) -> None:
    """Leave the picture of the curves in a folder."""
    from beholder.reports.ladder import draw_ladder

    with open_sink(out / CURVE, stream=False) as sink:
        sink.write(draw_ladder(ladder, title=title))


def _rung(
    plan: RungPlan, how: Climb, path: Path, *, kept: Path | None, reference: Path | None
) -> ScoredRung:
    from beholder.ladders.encode import encode
    from beholder.ladders.vmaf import vmaf_frames
    from beholder.reports.ladder import ScoredRung

    clip = how.clip
    size_bytes = encode(
        clip.frames(plan.height_px),
        path,
        codec=plan.codec,
        fps=clip.fps,
        kbps=plan.kbps,
        crf=plan.crf,
    )
    # A small encode is judged as people see it: stretched to the size of the source.
    shown_px = (clip.width_px, clip.height_px)
    score = how.scorer.score(path, shown_px=shown_px)
    vmaf = None
    if reference is not None:
        vmaf = float(vmaf_frames(reference, path, stretch_px=shown_px).mean())
    return ScoredRung(
        codec=plan.codec,
        label=plan.label,
        crf=plan.crf,
        target_kbps=plan.kbps,
        height_px=plan.height_px or clip.height_px,
        kbps=size_bytes * 8 * clip.fps / clip.num_frames / 1000,
        size_bytes=size_bytes,
        score=score,
        vmaf=vmaf,
        path=None if kept is None else str(kept),
    )
