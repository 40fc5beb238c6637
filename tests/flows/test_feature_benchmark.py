"""The benchmark of features runs on files laid out as the published ones."""

import csv
import re

import numpy as np
import pytest

from beholder.errors import DataError
from benchmarks import bvqa_features

NUM_VIDEOS = 40


@pytest.fixture
def folder(tmp_path):
    """Features of which the first says how good a video is; some values are not finite."""
    from scipy.io import savemat

    generator = np.random.default_rng(0)
    for data_set, (key_column, mos_column) in bvqa_features.SETS.items():
        mos = generator.uniform(1, 5, NUM_VIDEOS)
        with (tmp_path / f"{data_set}_metadata.csv").open("w", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([key_column, "width", mos_column])
            writer.writerows([f"video{number}", 960, value] for number, value in enumerate(mos))
        features = np.c_[mos, generator.normal(size=(NUM_VIDEOS, 2)), np.ones(NUM_VIDEOS)]
        features[3, 1], features[7, 2] = np.nan, np.inf
        for model in ("BRISQUE", "VIDEVAL"):
            savemat(tmp_path / f"{data_set}_{model}_feats.mat", {"feats_mat": features})
    return tmp_path


def test_features_are_judged_beside_the_published_figures(folder, monkeypatch, capsys):
    pytest.importorskip("sklearn")
    monkeypatch.setattr("sys.argv", ["bvqa_features", str(folder), "--repeats", "1", "--dry-run"])
    bvqa_features.main()
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" {")[0] for line in printed] == [
        " ".join(pair) for pair in bvqa_features.PUBLISHED
    ]
    medians = [float(re.search(r"'srcc'.*?'median': ([\d.]+)", line)[1]) for line in printed]
    assert min(medians) > 0.9


def test_features_of_other_videos_are_refused(folder):
    (folder / "LIVE_VQC_metadata.csv").write_text("File,MOS\na,3\n")
    with pytest.raises(DataError, match="each of 1 videos of LIVE_VQC, found 40"):
        bvqa_features.read_set(folder, "LIVE_VQC", "VIDEVAL")
