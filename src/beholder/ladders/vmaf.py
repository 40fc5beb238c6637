"""Measure VMAF, which needs the source, with the FFmpeg of the `imageio-ffmpeg` wheel."""

from __future__ import annotations

import csv
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from beholder.errors import EncodeError, MissingExtra

# Both inputs get the same time for the same frame number, whatever their containers say.
_FILTER = (
    "[0:v]settb=1/1000,setpts=N*40{scale}[distorted];[1:v]settb=1/1000,setpts=N*40[reference];"
    "[distorted][reference]libvmaf=log_fmt=csv:log_path={log}:n_threads=1"
)
_LOG = "vmaf.csv"


def find_ffmpeg() -> str:
    """Return the path of an FFmpeg that knows VMAF.

    Raises:
        MissingExtra: The package imageio-ffmpeg is not installed.
    """
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise MissingExtra("imageio-ffmpeg", "vmaf") from error
    return str(get_ffmpeg_exe())


def vmaf_frames(
    reference: str | Path, distorted: str | Path, *, stretch_px: tuple[int, int] | None = None
) -> np.ndarray:
    """Measure how much each frame of a clip lost against its reference.

    Args:
        reference: The clip before encoding, e.g. from `write_lossless`.
        distorted: The encoded clip: same size, and frame by frame the same content.
        stretch_px: (width, height) to which the encoded clip is stretched first, bicubic as most
            players do; for clips that are smaller than the reference.

    Returns:
        float64 [T], VMAF of each frame, 0 (very bad) to 100 (no visible loss).

    Raises:
        MissingExtra: The package imageio-ffmpeg is not installed.
        EncodeError: FFmpeg could not compare the files.

    Source:
        Model `vmaf_v0.6.1` (Netflix), the default of libvmaf: for 1080p at three picture heights.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The log is named without its folder, as FFmpeg's filters would need special signs escaped.
        command = _command(reference, distorted, stretch_px)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        log = Path(folder, _LOG)
        if done.returncode != 0 or not log.exists():
            raise EncodeError(
                f"expected FFmpeg to compare {str(distorted)!r} with {str(reference)!r}, but it "
                f"failed: {done.stderr.strip()[-300:]}; both must be videos of the same size"
            )
        with log.open(encoding="utf-8", newline="") as file:
            return np.array([float(row["vmaf"]) for row in csv.DictReader(file)])


def _command(
    reference: str | Path, distorted: str | Path, stretch_px: tuple[int, int] | None
) -> list[str]:
    scale = "" if stretch_px is None else f",scale={stretch_px[0]}:{stretch_px[1]}:flags=bicubic"
    # The protocol before the path keeps names with a colon or a leading dash from being options.
    inputs = [f"file:{Path(path).resolve()}" for path in (distorted, reference)]
    return [
        find_ffmpeg(),
        *("-nostdin", "-v", "error", "-filter_complex_threads", "1"),
        *("-threads", "1", "-i", inputs[0], "-threads", "1", "-i", inputs[1]),
        *("-filter_complex", _FILTER.format(scale=scale, log=_LOG)),
        *("-fps_mode", "passthrough", "-f", "null", "-"),
    ]
