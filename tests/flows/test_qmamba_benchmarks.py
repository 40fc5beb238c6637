"""The synthetic set is what it says, and is read as any other set."""

import numpy as np
import pytest

from beholder.datasets.registry import read_dataset
from benchmarks import baselines, synthetic_set
from tests.media_factory import make_image


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    y, x = np.mgrid[:300, :280]
    for number in range(10):
        waves = np.sin(x / (2 + number)) * np.cos(y / 7) * 60 + np.sin(x * y / 900) * 40
        picture = np.stack([128 + waves, 120 + waves / 2, 90 + x / 4], axis=-1)
        make_image(folder / f"{number}.png", picture.clip(0, 255).astype(np.uint8))
    return folder


def test_stronger_faults_have_lower_labels(sources):
    clean = synthetic_set.read_square(sources / "0.png")
    assert clean.shape == (256, 256, 3)
    labels = {}
    for kind, _, pixels in synthetic_set.faults_of(clean, seed=0):
        labels.setdefault(kind, []).append(synthetic_set.quality(clean, pixels))
    assert labels.pop("") == [1.0]
    assert list(labels) == list(synthetic_set.FAULTS)
    for kind, found in labels.items():
        assert found == sorted(found, reverse=True), kind
        assert found[0] - found[-1] > 0.1, kind


def test_the_set_is_read_with_contents_on_one_side(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(synthetic_set, "FAULTS", {"noise": synthetic_set.FAULTS["noise"]})
    monkeypatch.setattr("sys.argv", ["synthetic_set", str(tmp_path / "out"), str(sources)])
    synthetic_set.main()
    rows = read_dataset("csv", tmp_path / "out")
    assert len(rows) == 60
    parts = {}
    for row in rows:
        parts.setdefault(row.content_id, set()).add(row.split)
    assert all(len(splits) == 1 for splits in parts.values())
    assert {split for splits in parts.values() for split in splits} == {"train", "val", "test"}


@pytest.mark.parametrize("build", [baselines.residual_network, baselines.vision_transformer])
def test_baselines_are_as_large_as_the_nano_sizes(build):
    import torch

    model = build()
    count = sum(parameter.numel() for parameter in model.parameters())
    assert 1.2e6 < count < 1.4e6
    assert model(torch.zeros(2, 3, 56, 72)).shape == (2, 1)
