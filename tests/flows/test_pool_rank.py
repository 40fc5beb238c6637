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


def test_plot_of_a_run_shows_what_training_did(run, features, tmp_path):
    pytest.importorskip("sklearn")
    pytest.importorskip("torch")
    small = "loop.steps=40 loop.log_every=10 head.reduced=4 head.hidden=4 head.width=4"
    options = ("pool.holdout_fraction=0.5", "pool.weighting=dbi", *small.split())
    settings = [part for option in options for part in ("--set", option)]
    out = ("--out", str(tmp_path / "run"))
    assert run("train", "ptm_vqa", "--data", str(features), *out, *settings).code == 0
    drawn = ("--run", str(tmp_path / "run"), "--out", str(tmp_path / "pictures"))
    assert run("pool", "plot", str(features), *drawn).code == 0
    assert (tmp_path / "pictures" / "after.png").stat().st_size > 1000
    assert (tmp_path / "pictures" / "losses.png").stat().st_size > 1000
    (tmp_path / "run" / "log.jsonl").unlink()
    outcome = run("pool", "plot", str(features), *drawn)
    assert outcome.code == 2
    assert "train the run again" in outcome.err
