from pathlib import Path

import numpy as np
import pytest
import torch

from beholder.datasets.rows import Row
from beholder.ladders.pack import Pack
from beholder.recipes.embedded import VIEW
from beholder.training.batches import Batches
from beholder.training.material import Material
from beholder.training.photos import Photos
from beholder.training.recipe import DataSettings

SETTINGS = DataSettings(side_px=96, crop_px=64, num_photos=4, num_groups=2, num_rungs=3)


@pytest.fixture(scope="module")
def photos():
    # Each photograph is one grey, so that a crop tells which it came from.
    values = np.arange(10, dtype=np.uint8) * 20
    pixels = np.broadcast_to(values[:, None, None, None], (10, 96, 96, 3))
    rows = tuple(Row(path=Path(f"{i}.jpg"), mos=i / 10, content_id=str(i)) for i in range(10))
    return Photos(pixels=pixels, mos=np.arange(10) / 10, rows=rows)


@pytest.fixture(scope="module")
def pack():
    # Each rung is the same ramp plus its own number: crops are alike but for that number.
    ramp = (np.arange(120)[:, None] + np.arange(130)[None]).astype(np.uint8) // 2
    rungs = np.stack([np.stack([ramp, ramp + 40]) + 10 * r for r in range(5)])
    return Pack(
        content_id="ramp",
        frames=np.repeat(rungs[..., None], 3, axis=-1),
        codecs=("h264", "source", "h264", "av1", "av1"),
        crfs=(30, 0, 40, 30, 50),
        vmaf=np.array([[70, 71], [100, 100], [50, 51], [75, 76], [30, 31]], float),
    )


def _batches(photos, ladders=(), chosen=range(10)):
    none = np.zeros(0, int)
    material = Material(
        photos=photos,
        packs=tuple(ladders),
        train=np.array(chosen),
        choose=none,
        calibrate=none,
    )
    return Batches(material, settings=SETTINGS, view=VIEW)


def test_a_step_gives_the_same_batch_whenever_it_is_asked_for(photos, pack):
    first, second = _batches(photos, [pack]), _batches(photos, [pack])
    second[0]
    for name, value in first[7].items():
        assert torch.equal(value, second[7][name]), name
    assert not torch.equal(first[7]["mos"], first[8]["mos"])


def test_every_chosen_photograph_comes_once_per_epoch(photos):
    chosen = [1, 2, 3, 5, 8, 9]
    batches = _batches(photos, chosen=chosen)
    # Six photographs in steps of four: three steps are two epochs.
    seen = torch.cat([batches[step]["mos"] for step in range(3)]).numpy().round(1)
    for epoch in (seen[:6], seen[6:]):
        assert sorted(epoch) == [i / 10 for i in chosen]


def test_opinions_belong_to_their_photographs(photos):
    batch = _batches(photos)[3]
    assert batch["photos"].shape == (4, 3, 64, 64)
    greys = batch["photos"].mean((1, 2, 3)) * 128 + 128
    torch.testing.assert_close(greys, batch["mos"] * 200, atol=0.51, rtol=0)


def test_rungs_of_a_group_show_the_same_crop_source_first(photos, pack):
    batch = _batches(photos, [pack])[0]
    assert batch["rungs"].shape == (6, 3, 64, 64)
    vmaf = batch["vmaf"]
    assert vmaf.shape == (2, 3)
    assert vmaf[:, 0].tolist() == [100, 100]
    number = {100: 1, 70: 0, 71: 0, 50: 2, 51: 2, 75: 3, 76: 3, 30: 4, 31: 4}
    rungs = batch["rungs"].reshape(2, 3, 3, 64, 64) * 128
    for group, values in zip(rungs, vmaf.int().tolist(), strict=True):
        for rung, value in zip(group[1:], values[1:], strict=True):
            shift = 10 * (number[value] - number[100])
            torch.testing.assert_close(rung, group[0] + shift, atol=1.01, rtol=0)


def test_without_ladders_there_are_no_rungs(photos):
    batch = _batches(photos)[0]
    assert len(batch["rungs"]) == len(batch["vmaf"]) == 0
