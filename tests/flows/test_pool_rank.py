"""`beholder pool rank` and `beholder pool plot` on a small folder of features."""

import csv
import json

import numpy as np
import pytest

NUM_ITEMS = 60


@pytest.fixture
def features(tmp_path):
    rng = np.random.default_rng(0)
    mos = rng.uniform(size=NUM_ITEMS)
    folder = tmp_path / "features"
    folder.mkdir()
    np.save(folder / "good.npy", (mos[:, None] + rng.normal(0, 0.05, (NUM_ITEMS, 4))).astype("f4"))
    np.save(folder / "fair.npy", (mos[:, None] + rng.normal(0, 0.5, (NUM_ITEMS, 4))).astype("f4"))
    np.save(folder / "noise.npy", rng.normal(size=(NUM_ITEMS, 4)).astype("f4"))
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "mos"])
        writer.writerows((f"{item}.png", value) for item, value in enumerate(mos))
    return folder


def test_rank_shows_probe_beside_index(run, features):
    outcome = run("pool", "rank", str(features), "--normalise", "none", "--models", "1")
    assert outcome.code == 0
    lines = outcome.out.decode().splitlines()
    assert [line.split()[-1] for line in lines[1:4]] == ["good", "fair", "noise"]
    assert lines[1].split()[0] == "*"
    assert lines[4] == "60 items; rank correlation of the index with the probes: 1.00"


def test_rank_as_json(run, features):
    document = json.loads(run("pool", "rank", str(features), "--format", "json").out)
    assert document["schema"] == 1
    assert {model["name"] for model in document["models"]} == {"good", "fair", "noise"}


def test_rank_of_no_features(run, tmp_path):
    outcome = run("pool", "rank", str(tmp_path))
    assert outcome.code == 1
    assert "index.csv" in outcome.err


def test_plot_draws_every_picture(run, features, tmp_path):
    pytest.importorskip("sklearn")
    outcome = run("pool", "plot", str(features), "--out", str(tmp_path / "pictures"))
    assert outcome.code == 0
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "before.png",
        "selector.png",
    ]
