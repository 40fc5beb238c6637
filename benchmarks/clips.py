"""Clips for measuring cost, made on the spot; their spectrum falls like that of photographs."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FPS = 1920, 1080, 30


def make_clip(
    path: Path, *, seconds: int, gop: int, width: int = WIDTH, height: int = HEIGHT
) -> Path:
    """Encode a camera that moves over a texture with a little grain, as H.264.

    Args:
        path: File to write; its suffix chooses the container.
        seconds: Duration.
        gop: Most frames from one keyframe to the next.
        width: Of the picture, even.
        height: Of the picture, even.
    """
    rng = np.random.default_rng(0)
    texture = fractal_texture(rng, height=height + 512, width=width + 512)
    grain = rng.normal(0, 2, (8, height, width)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "bf": "3", "crf": "23", "g": str(gop)}
        for number in range(seconds * FPS):
            left = int(256 + 255 * np.sin(number / 37))
            top = int(256 + 255 * np.sin(number / 53))
            luma = texture[top : top + height, left : left + width] + grain[number % 8]
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = np.clip(luma, 16, 235)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def fractal_texture(rng: np.random.Generator, *, height: int, width: int) -> np.ndarray:
    """Noise with amplitude 1 / frequency, float32 [height, width], mean 126."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * rng.random(frequency.shape))
    texture = np.fft.irfft2(phases / frequency, (height, width))
    return (126 + 45 * texture / texture.std()).astype(np.float32)
