"""From the frames of one content to its ladder: clips at several rates and their VMAF."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholder.errors import EncodeError
from beholder.ladders.encode import CODECS, encode, write_lossless
from beholder.ladders.manifest import SOURCE, Rung
from beholder.ladders.vmaf import vmaf_frames

_CRF_SPREAD: dict[str, tuple[int, int]] = {
    "x264": (20, 46),
    "x265": (20, 48),
    "vp9": (28, 62),
    "av1": (28, 62),
}
"""From hardly visible to clearly bad at 480p; measured: VMAF of about 97 to 25."""


def choose_crfs(content_id: str, *, num_rungs: int, seed: int) -> dict[str, list[int]]:
    """Spread the rungs of a content evenly over each codec's useful range, with some jitter.

    The jitter keeps a model from learning a few fixed steps; it never changes the order.

    Args:
        content_id: The content; another one gets another jitter.
        num_rungs: Rungs of each codec, at least 2.
        seed: Changes all jitters.

    Returns:
        Rising constant rate factors for each codec of `CODECS`.
    """
    rng = np.random.default_rng([seed, zlib.crc32(content_id.encode())])
    chosen = {}
    for name, (first, last) in _CRF_SPREAD.items():
        reach = 0.35 * (last - first) / (num_rungs - 1)
        jitter = rng.uniform(-reach, reach, num_rungs)
        even = np.linspace(first, last, num_rungs)
        crfs = np.clip(np.rint(even + jitter), CODECS[name].crf_min, CODECS[name].crf_max)
        chosen[name] = [int(crf) for crf in crfs]
    return chosen


def make_ladder(
    frames: Sequence[np.ndarray],
    out_dir: str | Path,
    *,
    content_id: str,
    fps: float,
    crfs: Mapping[str, Sequence[int]],
    with_vmaf: bool = True,
) -> list[Rung]:
    """Encode one content at several rates with several codecs and measure each result.

    The clips go to `out_dir/content_id/`; the caller puts the rows into the manifest when all are
    done. The first rung is the content itself, stored without loss.

    Args:
        frames: uint8 [H, W, 3] RGB pictures of one size.
        out_dir: Ladder folder; it is made when missing.
        content_id: Name of the content; it becomes a folder name.
        fps: Frames per second.
        crfs: For each codec of `CODECS` that is wanted, its constant rate factors.
        with_vmaf: Measure VMAF, which needs the package imageio-ffmpeg.

    Returns:
        The rungs of this content.

    Raises:
        MissingExtra: VMAF is wanted and the package imageio-ffmpeg is not installed.
        EncodeError: A clip could not be encoded or measured.
    """
    out_dir = Path(out_dir)
    (out_dir / content_id).mkdir(parents=True, exist_ok=True)
    reference = out_dir / content_id / "source.mkv"
    num_bytes = write_lossless(frames, reference, fps=fps)
    content = _Content(out_dir, content_id, frames, fps)
    full_marks = np.full(len(frames), 100.0) if with_vmaf else None
    rungs = [content.rung(reference, SOURCE, 0, num_bytes, full_marks)]
    for codec, codec_crfs in crfs.items():
        for crf in codec_crfs:
            clip = reference.with_name(f"{codec}_crf{crf:02d}{CODECS[codec].suffix}")
            num_bytes = encode(frames, clip, codec=codec, fps=fps, crf=crf)
            vmaf = vmaf_frames(reference, clip) if with_vmaf else None
            rungs.append(content.rung(clip, codec, crf, num_bytes, vmaf))
    return rungs


@dataclass(frozen=True, slots=True)
class _Content:
    """What the rungs of one content share."""

    out_dir: Path
    content_id: str
    frames: Sequence[np.ndarray]
    fps: float

    def rung(
        self, clip: Path, codec: str, crf: int, num_bytes: int, vmaf: np.ndarray | None
    ) -> Rung:
        if vmaf is not None and len(vmaf) != len(self.frames):
            raise EncodeError(
                f"expected {len(self.frames)} frames in {str(clip)!r}, found {len(vmaf)}; "
                "delete the folder and make the ladder again"
            )
        height_px, width_px = (side // 2 * 2 for side in self.frames[0].shape[:2])
        return Rung(
            content_id=self.content_id,
            codec=codec,
            crf=crf,
            bitrate_kbps=round(8 * num_bytes * self.fps / len(self.frames) / 1000, 3),
            path=clip.relative_to(self.out_dir).as_posix(),
            vmaf_mean=None if vmaf is None else round(float(vmaf.mean()), 3),
            vmaf_frames=() if vmaf is None else tuple(round(float(v), 3) for v in vmaf),
            width_px=width_px,
            height_px=height_px,
            fps=self.fps,
            num_frames=len(self.frames),
            size_bytes=num_bytes,
        )
