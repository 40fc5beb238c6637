"""Make a set of faults of known kind and strength from clean photographs, with labels from no one.

    python -m benchmarks.synthetic_set OUT FOLDER...

Every picture of the folders becomes a square of 256 px, kept as it is and with ten kinds of fault
at five levels each. **The label is not an opinion**: it is multi-scale structural similarity
(Wang, Simoncelli and Bovik, *Multiscale structural similarity for image quality assessment*, 2003)
between fault and original, mean over R, G and B, in decibels, -10 log10(1 - MS-SSIM), of which 30
count as 1. OUT gets PNG files and `manifest.csv`, to be read as the data set `csv`; all faults of
one photograph are one content, and contents are split 70 : 10 : 20 into train, val and test.

The sources of our own runs: `kodak` (24) and `wikipedia-photos` (49) of Zelex/images, and the first
27 of `CUrban100` of majedelhelou/denoising_datasets.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from scipy import ndimage

from beholder.datasets.splits import group_holdout
from beholder.media import decode, probe
from beholder.records import FramePlan
from beholder.sampling.resize import resize

SIDE_PX = 256
SUFFIXES = (".png", ".jpg", ".jpeg")
FULL_DECIBELS = 30.0
"""MS-SSIM of 0.999 or more counts as faultless."""

SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the five scales, from the finest; from the paper."""

Fault = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def main() -> None:
    """Make the set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--most", type=int, help="Take at most so many pictures of a folder.")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    paths = [path for folder in options.folders for path in pictures_in(folder)[: options.most]]
    splits = split_contents([_name(path) for path in paths])
    with (options.out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "mos", "content_id", "split", "distortion", "level"])
        for path in paths:
            clean = read_square(path)
            for kind, level, pixels in faults_of(clean, seed=zlib.crc32(path.name.encode())):
                name = f"{_name(path)}_{kind or 'clean'}_{level}.png"
                write_png(options.out / name, pixels)
                label = f"{quality(clean, pixels):.4f}"
                writer.writerow([name, label, _name(path), splits[_name(path)], kind, level])
            print(path, flush=True)


def split_contents(names: list[str]) -> dict[str, str]:
    """Put contents into train, val and test, 70 : 10 : 20."""
    test = group_holdout(names, 0.2, seed=0)
    rest = [name for name, taken in zip(names, test, strict=True) if not taken]
    val = dict(zip(rest, group_holdout(rest, 0.125, seed=1), strict=True))
    return {name: "test" if name not in val else "val" if val[name] else "train" for name in names}


def faults_of(clean: np.ndarray, *, seed: int) -> Iterator[tuple[str, int, np.ndarray]]:
    """Give kind, level (0 to 5) and uint8 pixels: first the picture itself, of kind ''."""
    yield "", 0, clean
    rng = np.random.default_rng(seed)
    for kind, (fault, levels) in FAULTS.items():
        for number, strength in enumerate(levels, start=1):
            pixels = fault(clean, strength, rng)
            yield kind, number, np.rint(pixels).clip(0, 255).astype(np.uint8)


def quality(clean: np.ndarray, pixels: np.ndarray) -> float:
    """Return the label in 0..1 of uint8 [H, W, 3] pixels: MS-SSIM in decibels over 30."""
    pairs = zip(np.moveaxis(clean, 2, 0), np.moveaxis(pixels, 2, 0), strict=True)
    similarity = np.mean([ms_ssim(a.astype(np.float32), b.astype(np.float32)) for a, b in pairs])
    decibels = -10 * np.log10(max(1 - similarity, 1e-9))
    return float(np.clip(decibels / FULL_DECIBELS, 0, 1))


def ms_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Compare two planes [H, W] of 0..255; 1 where they are equal."""
    result = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS):
        luminance, structure = _ssim(a, b)
        last = scale == len(SCALE_WEIGHTS) - 1
        part = (luminance * structure if last else structure).mean()
        result *= max(float(part), 0.0) ** weight
        a, b = _halve(a), _halve(b)
    return result


def _ssim(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _blur(a), _blur(b)
    var_a, var_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    both = _blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * both + c2) / (var_a + var_b + c2)
    return luminance[5:-5, 5:-5], structure[5:-5, 5:-5]


def _blur(plane: np.ndarray) -> np.ndarray:
    blurred: np.ndarray = ndimage.gaussian_filter(plane, 1.5, radius=5)
    return blurred


def _halve(plane: np.ndarray) -> np.ndarray:
    halved: np.ndarray = plane.reshape(len(plane) // 2, 2, -1, 2).mean((1, 3))
    return halved


def _gaussian(clean: np.ndarray, sigma: float, _: np.random.Generator) -> np.ndarray:
    blurred: np.ndarray = ndimage.gaussian_filter(clean.astype(np.float32), (sigma, sigma, 0))
    return blurred


def _motion(clean: np.ndarray, length: float, _: np.random.Generator) -> np.ndarray:
    moved: np.ndarray = ndimage.uniform_filter1d(clean.astype(np.float32), int(length), axis=1)
    return moved


def _noise(clean: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return clean + rng.normal(0, sigma, clean.shape)


def _impulses(clean: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    hit = rng.random(clean.shape[:2]) < share
    return np.where(hit[..., None], 255 * rng.integers(0, 2, (*hit.shape, 1)), clean)


def _flatten(clean: np.ndarray, share: float, _: np.random.Generator) -> np.ndarray:
    return clean.mean() + share * (clean - clean.mean())


def _posterise(clean: np.ndarray, steps: float, _: np.random.Generator) -> np.ndarray:
    return np.rint(clean / 255 * (steps - 1)) * 255 / (steps - 1)


def _enlarge(clean: np.ndarray, factor: float, _: np.random.Generator) -> np.ndarray:
    side = round(len(clean) / factor)
    small = resize(clean, height_px=side, width_px=side).transpose(1, 2, 0)
    back: np.ndarray = ndimage.zoom(small, (len(clean) / side, len(clean) / side, 1), order=1)
    return back


def _jpeg(clean: np.ndarray, scale: float, _: np.random.Generator) -> np.ndarray:
    return _code(clean, "mjpeg", "mjpeg", {"qmin": f"{scale:.0f}", "qmax": f"{scale:.0f}"})


def _webp(clean: np.ndarray, level: float, _: np.random.Generator) -> np.ndarray:
    return _code(clean, "libwebp", "webp", {"quality": f"{level:.0f}"})


def _av1(clean: np.ndarray, level: float, _: np.random.Generator) -> np.ndarray:
    options = {"crf": f"{level:.0f}", "preset": "8", "svtav1-params": "lp=1:avif=1"}
    return _code(clean, "libsvtav1", "libdav1d", options)


def _code(clean: np.ndarray, encoder: str, decoder: str, options: dict[str, str]) -> np.ndarray:
    """Encode one picture and decode it again."""
    writer = av.CodecContext.create(encoder, "w")
    writer.width, writer.height = clean.shape[1], clean.shape[0]
    writer.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    writer.framerate, writer.options, writer.thread_count = 25, options, 1
    frame = av.VideoFrame.from_ndarray(clean, format="rgb24").reformat(format=writer.pix_fmt)
    frame.pts = 0
    packets = [*writer.encode(frame), *writer.encode(None)]
    reader = av.CodecContext.create(decoder, "r")
    frames = [decoded for packet in packets for decoded in reader.decode(packet)]
    frames += reader.decode(None)
    return frames[0].to_ndarray(format="rgb24")


FAULTS: dict[str, tuple[Fault, tuple[float, ...]]] = {
    "jpeg": (_jpeg, (4, 8, 13, 20, 31)),
    "webp": (_webp, (75, 50, 30, 15, 3)),
    "av1": (_av1, (25, 35, 45, 54, 63)),
    "blur": (_gaussian, (0.6, 1.0, 1.6, 2.5, 4.0)),
    "motion": (_motion, (3, 5, 8, 12, 18)),
    "noise": (_noise, (4, 8, 15, 27, 45)),
    "impulse": (_impulses, (0.002, 0.006, 0.015, 0.04, 0.1)),
    "contrast": (_flatten, (0.8, 0.6, 0.45, 0.3, 0.18)),
    "posterise": (_posterise, (24, 14, 9, 6, 4)),
    "enlarge": (_enlarge, (1.3, 1.7, 2.4, 3.5, 5.5)),
}
"""Kind to the function that makes it, and its five strengths."""


def read_square(path: Path) -> np.ndarray:
    """Read the centre of a picture, its shorter side shrunk to 256 px: uint8 [256, 256, 3]."""
    (frame,) = decode(probe(path), FramePlan(times_us=(0,)))
    height, width = frame.pixels.shape[:2]
    scale = SIDE_PX / min(height, width)
    height, width = max(SIDE_PX, round(height * scale)), max(SIDE_PX, round(width * scale))
    planes = resize(frame.pixels, height_px=height, width_px=width)
    top, left = (height - SIDE_PX) // 2, (width - SIDE_PX) // 2
    square = planes[:, top : top + SIDE_PX, left : left + SIDE_PX].transpose(1, 2, 0)
    return np.rint(square).clip(0, 255).astype(np.uint8)


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write uint8 [H, W, 3] pixels."""
    writer = av.CodecContext.create("png", "w")
    writer.height, writer.width, writer.pix_fmt = *pixels.shape[:2], "rgb24"
    writer.framerate = 1
    packets = writer.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24"))
    path.write_bytes(b"".join(bytes(p) for p in [*packets, *writer.encode(None)]))


def pictures_in(folder: Path) -> list[Path]:
    """List the pictures of a folder in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def _name(path: Path) -> str:
    return f"{path.parent.name}_{path.stem}"


if __name__ == "__main__":
    main()
