"""What teachers say of photographs, learned beside the opinions."""

from pathlib import Path

import numpy as np
import pytest
import torch

from beholder.datasets.rows import Row
from beholder.errors import DataError, UsageError
from beholder.losses.regression import opinion_loss
from beholder.recipes.embedded import VIEW
from beholder.training.batches import Batches
from beholder.training.embedded_task import quality_loss
from beholder.training.material import Material, read_taught, unrated_paths
from beholder.training.photos import Photos
from beholder.training.recipe import DataSettings, OptimSettings

SETTINGS = DataSettings(side_px=96, crop_px=64, num_photos=4, taught="one.csv, two.csv")
NAMES = [Path(f"Images/{number}.jpg") for number in range(3)]
SCORES = {"one.csv": (10, 50, 90), "two.csv": (30, 50, 70)}


@pytest.fixture
def rows(tmp_path):
    for name, scores in SCORES.items():
        lines = [f"Images/{number}.jpg,{score}" for number, score in enumerate(scores)]
        (tmp_path / name).write_text("\n".join(["path,predicted", *lines]) + "\n")
    folder = tmp_path / SETTINGS.photos / "Images"
    return [Row(path=folder / f"{n}.jpg", mos=n / 3, content_id=str(n)) for n in range(3)]


def _material(rows, taught):
    pixels = np.zeros((len(rows), 96, 96, 3), np.uint8)
    photos = Photos(pixels=pixels, mos=np.array([row.mos for row in rows]), rows=tuple(rows))
    none = np.zeros(0, int)
    train = np.arange(len(rows))
    return Material(
        photos=photos, packs=(), train=train, choose=none, calibrate=none, taught=taught
    )


@pytest.mark.usefixtures("rows")
def test_teachers_are_averaged(tmp_path):
    np.testing.assert_allclose(read_taught(SETTINGS, NAMES, data=tmp_path), [0.2, 0.5, 0.8])


@pytest.mark.parametrize(
    ("line", "message"),
    [("", "found none for 'Images/2.jpg'"), ("Images/2.jpg,101", "found 10 to 101")],
)
@pytest.mark.usefixtures("rows")
def test_scores_that_lack_or_overflow_are_told(tmp_path, line, message):
    text = (tmp_path / "one.csv").read_text().replace("Images/2.jpg,90", line)
    (tmp_path / "one.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_taught(SETTINGS, NAMES, data=tmp_path)


def test_each_photograph_comes_with_what_is_said_of_it(rows):
    batches = Batches(_material(rows, np.array([0.2, 0.5, 0.8])), settings=SETTINGS, view=VIEW)
    batch = batches[3]
    torch.testing.assert_close(batch["taught"], 0.2 + 0.9 * batch["mos"])
    assert "taught" not in Batches(_material(rows, None), settings=SETTINGS, view=VIEW)[3]


def test_the_loss_counts_teachers_as_much_as_asked(rows):
    batch = {
        "photos": torch.zeros(2, 3, 8, 8),
        "rungs": torch.zeros(0, 3, 8, 8),
        "mos": torch.tensor([0.2, 0.9]),
        "vmaf": torch.zeros(0, 3),
    }
    taught = torch.tensor([0.4, 0.6])

    def model(views):
        return torch.full((len(views), 1), 0.5)

    alone, _ = quality_loss(model, batch, OptimSettings())
    both, parts = quality_loss(model, {**batch, "taught": taught}, OptimSettings(taught_weight=2.0))
    said = opinion_loss(torch.tensor([0.5, 0.5]), taught)
    torch.testing.assert_close(parts["taught"], said)
    torch.testing.assert_close(both, alone + 2 * said)


def test_unrated_pictures_teach_what_teachers_say_and_nothing_else():
    batch = {
        "photos": torch.zeros(3, 3, 8, 8),
        "rungs": torch.zeros(0, 3, 8, 8),
        "mos": torch.tensor([0.2, 0.9, torch.nan]),
        "vmaf": torch.zeros(0, 3),
        "taught": torch.tensor([0.4, 0.6, 0.1]),
    }
    rated = {**batch, "photos": batch["photos"][:2], "mos": batch["mos"][:2]}
    rated["taught"] = batch["taught"][:2]

    def model(views):
        return torch.full((len(views), 1), 0.5)

    _, alone = quality_loss(model, rated, OptimSettings())
    loss, parts = quality_loss(model, batch, OptimSettings())
    assert loss.isfinite()
    assert parts["opinion"] == alone["opinion"]
    torch.testing.assert_close(
        parts["taught"], opinion_loss(torch.full((3,), 0.5), batch["taught"])
    )


def test_looks_at_one_rung_are_averaged():
    batch = {
        "photos": torch.zeros(1, 3, 8, 8),
        "mos": torch.tensor([0.5]),
        "vmaf": torch.tensor([[100.0, 50.0], [100.0, 20.0]]),
    }

    def parts_of(rungs):
        said = torch.cat([torch.tensor([0.5]), rungs.flatten()])[:, None]
        views = torch.zeros(rungs.numel(), 3, 8, 8)
        return quality_loss(lambda _: said, {**batch, "rungs": views}, OptimSettings())[1]

    # Two groups, two looks, two rungs.
    said = torch.tensor([[[0.9, 0.3], [0.7, 0.5]], [[0.6, 0.1], [0.8, 0.3]]])
    both, mean = parts_of(said), parts_of(said.mean(1))
    assert both["rank"] == mean["rank"] > 0
    assert both["anchor"] == mean["anchor"] > 0


def test_the_loss_counts_what_is_told_of_ladders_look_by_look():
    batch = {
        "photos": torch.zeros(1, 3, 8, 8),
        "rungs": torch.zeros(4, 3, 8, 8),
        "mos": torch.tensor([0.5]),
        "vmaf": torch.tensor([[100.0, 50.0]]),
    }
    said, told = torch.tensor([0.5, 0.9, 0.3, 0.7, 0.5]), torch.tensor([0.8, 0.2, 0.9, 0.5])

    def loss_of(batch):
        return quality_loss(lambda _: said[:, None], batch, OptimSettings(told_weight=2.0))

    (alone, _), (both, parts) = loss_of(batch), loss_of({**batch, "told": told})
    torch.testing.assert_close(parts["told"], opinion_loss(said[1:], told))
    torch.testing.assert_close(both, alone + 2 * parts["told"])


def test_unrated_pictures_need_a_teacher():
    with pytest.raises(
        UsageError, match=r"expected data\.taught, scores of the pictures in 'more'"
    ):
        DataSettings(unrated="more")


def test_a_folder_without_pictures_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "b.png").touch()
    (tmp_path / "a.JPG").touch()
    assert [path.name for path in unrated_paths(tmp_path)] == ["a.JPG", "b.png"]
    with pytest.raises(DataError, match="expected PNG or JPEG pictures"):
        unrated_paths(tmp_path / "nowhere")
