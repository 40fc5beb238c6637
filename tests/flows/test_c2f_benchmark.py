"""The figures of the ablation, on predictions whose figures are known."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from beholder.datasets.rows import Row
from benchmarks import c2f

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MOS = [0.2, 0.5, 0.51, 0.9]


@pytest.fixture
def rows():
    return [
        Row(path=Path(f"{content}{codec}{i}"), mos=mos, content_id=content, codec=codec)
        for content in "abcd"
        for codec in ("x264", "av1")
        for i, mos in enumerate(MOS)
    ]


def write_runs(work, predictions):
    for arm in c2f.ARMS:
        for seed in c2f.SEEDS:
            run = c2f.run_folder(work, arm, seed)
            run.mkdir(parents=True)
            np.save(run / "test.npy", predictions(arm))


def test_every_arm_and_every_effect_is_told(rows, tmp_path):
    mos = np.array([row.mos for row in rows])
    rising, falling = mos, -mos
    write_runs(tmp_path, lambda arm: rising if arm.terms in ("coarse", "both") else falling)
    figures = c2f.summarise(rows, tmp_path)
    assert len(figures["arms"]) == 24
    good, bad = (figures["arms"][f"random-mean-{terms}"] for terms in ("both", "none"))
    for name, least in (("srcc", -1), ("srcc_within_content", -1), ("neighbour_accuracy", 0)):
        assert (good[name]["value"], bad[name]["value"]) == pytest.approx((1, least))
        assert good[name]["runs"] == pytest.approx([1, 1, 1])
    effects = figures["effects"]
    assert effects["coarse+both - none+fine"]["srcc"]["value"] == pytest.approx(2)
    assert effects["fine+both - none+coarse"]["srcc"]["value"] == pytest.approx(0)
    assert effects["coarse+both - none+fine, 2 clips"]["srcc"]["value"] == pytest.approx(2)
    assert "transformer - mean, 2 clips" not in effects
    assert effects["transformer - mean"]["neighbour_accuracy"]["interval"] == [0, 0]


def contents(mos, codecs):
    return c2f.Contents(
        [
            Row(path=Path(str(i)), mos=value, content_id="a", codec=codec)
            for i, (value, codec) in enumerate(zip(mos, codecs, strict=True))
        ]
    )


def test_neighbours_that_look_alike_are_not_asked_for():
    # In rising order: 0.2, 0.5, 0.51, 0.9; the middle pair is left out.
    ladder = contents([0.9, 0.2, 0.51, 0.5], ["x264"] * 4)
    for predicted, share in (([4, 1, 2, 3], 1.0), ([0, 1, 2, 3], 0.5), ([5, 5, 5, 5], 0.5)):
        assert ladder._neighbours(np.array(predicted, float)).tolist() == [share]


def test_neighbours_are_of_one_codec():
    ladder = contents([0.1, 0.2, 0.3, 0.4], ["x264", "av1", "x264", "av1"])
    assert ladder._neighbours(np.array([0.0, 2.0, 1.0, 3.0])).tolist() == [1.0]
