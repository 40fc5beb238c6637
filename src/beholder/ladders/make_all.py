"""Ladders of a whole folder of contents: in parallel, and going on where a run was stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from beholder.errors import BeholderError
from beholder.ladders.make import choose_crfs, make_ladder
from beholder.ladders.manifest import MANIFEST_NAME, Rung, append_rungs, read_manifest
from beholder.ladders.pack import write_pack
from beholder.ladders.sources import Source, read_source


@dataclass(frozen=True, kw_only=True, slots=True)
class LadderSettings:
    """What decides the bytes of a ladder set."""

    num_frames: int = 14
    """Most frames of each content."""
    num_rungs: int = 6
    """Clips of each codec."""
    fps: float = 25.0
    """Rate of sequences and pans; videos keep their own."""
    full_size: bool = False
    """Videos keep their size and pictures pan at up to 1920 x 1080; see `read_source`."""
    seed: int = 0
    """Of the jitter of the rates."""
    with_vmaf: bool = True
    """Measure VMAF of each clip."""
    pack_dir: Path | None = None
    """Also store decoded frames here, for training."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What became of one content."""

    content_id: str
    rungs: tuple[Rung, ...] = ()
    """The source and its encodes; empty after an error."""
    error: BeholderError | None = None


def make_ladders(
    sources: Sequence[Source], out_dir: str | Path, *, settings: LadderSettings, jobs: int = 1
) -> Iterator[Made]:
    """Make the ladder of each content that the manifest of a folder does not hold yet.

    Each encoder runs on one thread and the manifest is sorted, so the number of jobs changes no
    byte. When the caller stops, waiting contents are dropped, and those in work on threads end.

    Args:
        sources: Results of `find_sources`.
        out_dir: Ladder folder; it is made when missing.
        settings: What to make of each content.
        jobs: Contents in work at the same time.

    Yields:
        What became of each content, as it is ready; one that fails does not stop the others.
    """
    out_dir = Path(out_dir)
    maker = _Maker(out_dir, settings)
    if jobs == 1:
        # Without threads Ctrl-C stops at once, within a clip.
        yield from map(maker.make, sources)
        return
    executor = ThreadPoolExecutor(jobs)
    try:
        futures = [executor.submit(maker.make, source) for source in sources]
        for future in as_completed(futures):
            yield future.result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


class _Maker:
    """Makes ladders from several threads, which share one manifest."""

    def __init__(self, out_dir: Path, settings: LadderSettings) -> None:
        self._out_dir = out_dir
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[str, list[Rung]] = {}
        if (out_dir / MANIFEST_NAME).exists():
            for rung in read_manifest(out_dir):
                self._known.setdefault(rung.content_id, []).append(rung)

    def make(self, source: Source) -> Made:
        try:
            rungs = self._known.get(source.content_id) or self._make_new(source)
            if self._settings.pack_dir is not None:
                write_pack(rungs, self._out_dir, self._settings.pack_dir)
        except BeholderError as error:
            return Made(content_id=source.content_id, error=error)
        return Made(content_id=source.content_id, rungs=tuple(rungs))

    def _make_new(self, source: Source) -> list[Rung]:
        settings, content_id = self._settings, source.content_id
        frames, fps = read_source(
            source,
            num_frames=settings.num_frames,
            fps=settings.fps,
            full_size=settings.full_size,
        )
        rungs = make_ladder(
            frames,
            self._out_dir,
            content_id=content_id,
            fps=fps,
            crfs=choose_crfs(content_id, num_rungs=settings.num_rungs, seed=settings.seed),
            with_vmaf=settings.with_vmaf,
        )
        with self._lock:
            append_rungs(self._out_dir, rungs)
        return rungs
