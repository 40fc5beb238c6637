"""Whether the map of damage points to the damaged quarter of a picture.

    python -m benchmarks.heat_map LADDERS...

One quarter of a clean picture is damaged; a hit is a map whose strongest cell lies in it. Chance
is one in four. Contents are some of those that `benchmarks.faults` reports on; four of the
eleven of our run were among those on which the map's settings were chosen.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import fmean

import numpy as np

from beholder import Scorer
from beholder.ladders.stream import open_clip
from beholder.scoring.damage_map import DamageMap
from benchmarks.fault_makers import PICTURE_FAULTS
from benchmarks.faults import find_sources
from benchmarks.record import write_result

STRENGTHS = {
    "blur": (2.7, 4.0),
    "blockiness": (80, 120),
    "noise": (21, 34),
}


def main() -> None:
    """Damage, map, count, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ladders", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1, help="Take one in so many contents.")
    options = parser.parse_args()
    scorer = Scorer()
    hits: dict[str, list[bool]] = defaultdict(list)
    drops: dict[str, list[float]] = defaultdict(list)
    for number, (name, path) in enumerate(find_sources(options.ladders)[1::2][:: options.every]):
        frames = list(islice(open_clip(path).frames(None), 12))
        rng = np.random.default_rng(number)
        for fault, strengths in STRENGTHS.items():
            for strength in strengths:
                key = f"{fault} {strength:g}"
                clean, damaged = frames[-1], _damage(frames[-1], fault, strength, rng)
                quarter = tuple(int(each) for each in rng.integers(2, size=2))
                hits[key].append(
                    points_to(_merge(clean, damaged, quarter), quarter, scorer.map_damage)
                )
                drops[key].append(_score(scorer, clean) - _score(scorer, damaged))
        print(number + 1, name, flush=True)
    figures = {
        key: {
            "hits": round(fmean(found), 3),
            "pictures": len(found),
            "points_lost_by_a_whole_picture": round(fmean(drops[key]), 1),
        }
        for key, found in hits.items()
    }
    print(figures)
    print(
        write_result(
            "heat_map",
            command=f"python -m benchmarks.heat_map LADDERS --every {options.every}",
            figures=figures,
        )
    )


def points_to(
    picture: np.ndarray, quarter: tuple[int, ...], to_map: Callable[[np.ndarray], DamageMap]
) -> bool:
    """Return whether the strongest cell of a picture's map lies in a quarter (down, right)."""
    found = to_map(picture)
    place = np.unravel_index(found.points.argmax(), found.points.shape)
    middle = [(index + 0.5) * found.cell_px for index in place]
    halves = [int(at >= side / 2) for at, side in zip(middle, picture.shape[:2], strict=True)]
    return tuple(halves) == quarter


def _damage(clean: np.ndarray, fault: str, strength: float, rng: np.random.Generator) -> np.ndarray:
    damaged = clean.copy()
    height, width = (side // 8 * 8 for side in clean.shape[:2])
    damaged[:height, :width] = PICTURE_FAULTS[fault][0](clean[:height, :width], strength, rng)
    return damaged


def _merge(clean: np.ndarray, damaged: np.ndarray, quarter: tuple[int, ...]) -> np.ndarray:
    merged = clean.copy()
    parts = tuple(
        slice(half * side // 2, (half + 1) * side // 2)
        for half, side in zip(quarter, clean.shape[:2], strict=True)
    )
    merged[parts] = damaged[parts]
    return merged


def _score(scorer: Scorer, picture: np.ndarray) -> float:
    return scorer.score_frames(picture[None], fps=25.0).score


if __name__ == "__main__":
    main()
