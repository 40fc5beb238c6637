"""Measure VMAF with the FFmpeg of the `imageio-ffmpeg` wheel: for training and benchmarks only."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from beholder.errors import EncodeError, MissingExtra

# Both inputs get the same time for the same frame number, whatever their containers say.
_FILTER = (
    "[0:v]settb=1/1000,setpts=N*40[distorted];[1:v]settb=1/1000,setpts=N*40[reference];"
    "[distorted][reference]libvmaf=log_fmt=json:log_path=vmaf.json:n_threads=1"
)


def vmaf_frames(reference: str | Path, distorted: str | Path) -> np.ndarray:
    """Measure how much each frame of a clip lost against its reference.

    Args:
        reference: The clip before encoding, e.g. from `write_lossless`.
        distorted: The encoded clip: same size, and frame by frame the same content.

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
        done = subprocess.run(
            _command(reference, distorted), cwd=folder, capture_output=True, text=True, check=False
        )
        log = Path(folder, "vmaf.json")
        if done.returncode != 0 or not log.exists():
            raise EncodeError(
                f"expected FFmpeg to compare {str(distorted)!r} with {str(reference)!r}, but it "
                f"failed: {done.stderr.strip()[-300:]}; both must be videos of the same size"
            )
        frames = json.loads(log.read_text(encoding="utf-8"))["frames"]
    return np.array([frame["metrics"]["vmaf"] for frame in frames], dtype=np.float64)


def _command(reference: str | Path, distorted: str | Path) -> list[str]:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise MissingExtra("imageio-ffmpeg", "train") from error
    # The protocol before the path keeps names with a colon or a leading dash from being options.
    inputs = [f"file:{Path(path).resolve()}" for path in (distorted, reference)]
    return [
        get_ffmpeg_exe(),
        *("-nostdin", "-v", "error", "-filter_complex_threads", "1"),
        *("-threads", "1", "-i", inputs[0], "-threads", "1", "-i", inputs[1]),
        *("-filter_complex", _FILTER, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]
