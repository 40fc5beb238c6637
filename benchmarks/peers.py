"""Classical blind methods on the frames that Beholder looks at, as CSV files for comparison.

    python -m benchmarks.peers METHOD --home FOLDER --dataset NAME --data ROOT --output FILE.csv

Nothing of the methods is kept here: `brisque` and `piqe` are the packages `brisque` 0.2.0 and
`pypiqe` 1.2 as installed; `niqe` and `cnniqa` are clones of github.com/XPixelGroup/BasicSR and
github.com/lidq92/CNNIQA, whose folder is given as `--home`. These projects stand still, so use an
environment of their age (NumPy 1.26, SciPy 1.11, scikit-image 0.22) and this checkout's `src` on
PYTHONPATH. Each file holds `path,predicted` with the sign turned where lower is better; a clip
counts as the mean of its frames. A stopped run goes on where it stopped. Then:

    beholder evaluate --dataset NAME --data ROOT --predictions FILE.csv
"""

from __future__ import annotations

import argparse
import csv
import importlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import numpy as np

from beholder.datasets.registry import DATASETS, read_dataset
from beholder.datasets.rows import Row
from beholder.media import decode, probe
from beholder.records import ViewSpec
from beholder.sampling import plan_frames
from beholder.scoring import read_card

Method = Callable[[np.ndarray], float]
"""From one frame, uint8 [H, W, 3] RGB, to a number that is higher for better quality."""


def brisque(_home: Path) -> Method:
    from brisque import BRISQUE

    model = BRISQUE(url=False)
    return lambda frame: -float(model.score(frame))


def piqe(_home: Path) -> Method:
    from pypiqe import piqe as measure

    # It expects the order of channels that OpenCV reads.
    return lambda frame: -float(measure(np.ascontiguousarray(frame[..., ::-1]))[0])


def niqe(home: Path) -> Method:
    # The packages around it would import the whole of BasicSR: stand in for all but these files.
    for name in ("basicsr", "basicsr.metrics", "basicsr.utils"):
        package = types.ModuleType(name)
        package.__path__ = [str(home.joinpath(*name.split(".")))]
        sys.modules[name] = package
    color = importlib.import_module("basicsr.utils.color_util")
    vars(sys.modules["basicsr.utils"])["bgr2ycbcr"] = color.bgr2ycbcr
    measure = importlib.import_module("basicsr.metrics.niqe").calculate_niqe
    return lambda frame: -float(measure(np.ascontiguousarray(frame[..., ::-1]), crop_border=0))


def cnniqa(home: Path) -> Method:
    import torch
    from PIL import Image

    torch.set_num_threads(1)
    _stand_in_for_torchvision()
    sys.path.insert(0, str(home))
    demo = importlib.import_module("test_demo")
    network = demo.CNNIQAnet()
    weights = home / "models" / "CNNIQA-LIVE"
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    network.eval()

    @torch.no_grad()
    def measure(frame: np.ndarray) -> float:
        patches = demo.NonOverlappingCropPatches(Image.fromarray(_luma(frame)), 32, 32)
        # Trained on DMOS, where higher is worse.
        return -float(network(torch.stack(patches)).mean())

    return measure


METHODS: dict[str, Callable[[Path], Method]] = {
    "brisque": brisque,
    "niqe": niqe,
    "piqe": piqe,
    "cnniqa": cnniqa,
}


def main() -> None:
    """Measure what is not in the output yet, one line each."""
    options = _parser().parse_args()
    root, output = options.data.resolve(), options.output.resolve()
    rows = read_dataset(options.dataset, root, skip_missing=True)
    rows = [row for row in rows if options.split in ("all", row.split)]
    view = read_card().view
    method = METHODS[options.method](options.home.resolve())
    done = _read_done(output)
    failed = 0
    with output.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not done:
            writer.writerow(("path", "predicted"))
        for row in rows:
            name = row.path.relative_to(root).as_posix()
            if name in done:
                continue
            value = _measure(method, row, view)
            if np.isfinite(value):
                writer.writerow((name, f"{value:.6f}"))
                file.flush()
            else:
                failed += 1
                print(f"{options.method} has no number for {name}", file=sys.stderr)
    print(f"{options.method}: {len(rows) - failed} of {len(rows)} items in {output.name}")


def _measure(method: Method, row: Row, view: ViewSpec) -> float:
    info = probe(row.path)
    try:
        return fmean(method(frame.pixels) for frame in decode(info, plan_frames(info, view)))
    except (ArithmeticError, ValueError) as error:
        print(f"{row.path.name}: {error}", file=sys.stderr)
        return float("nan")


def _read_done(output: Path) -> set[str]:
    if not output.exists():
        return set()
    with output.open(encoding="utf-8", newline="") as file:
        return {line["path"] for line in csv.DictReader(file)}


def _luma(frame: np.ndarray) -> np.ndarray:
    """Return ITU-R BT.601 luma in 0..255, uint8 [H, W], as these methods were trained on."""
    weighted = frame.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return np.rint(weighted).astype(np.uint8)


def _stand_in_for_torchvision() -> None:
    """Provide the one function that CNNIQA takes from there, for machines without it."""
    import torch

    functional = types.ModuleType("torchvision.transforms.functional")
    functional.to_tensor = lambda image: torch.from_numpy(  # type: ignore[attr-defined]
        np.array(image, dtype=np.float32)[None] / 255
    )
    for name in ("torchvision", "torchvision.transforms"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules[functional.__name__] = functional


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--home", type=Path, default=Path(), help="clone of the method")
    parser.add_argument("--dataset", choices=DATASETS, required=True)
    parser.add_argument("--data", type=Path, required=True, help="root of the data set")
    parser.add_argument("--split", default="all", help="official part, or all")
    parser.add_argument("--output", type=Path, required=True, help="CSV file, appended to")
    return parser


if __name__ == "__main__":
    main()
