"""A run of QMamba leaves as ONNX and scores a picture of any size."""

import json

import pytest
import torch

from beholder import Scorer
from beholder.errors import UnknownName
from beholder.export import export_run
from beholder.models import qmamba
from beholder.training.checkpoint import save_weights
from tests.media_factory import make_image
from tests.model_factory import CARD

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def make_run(folder, network):
    (folder / "recipe.json").write_text(json.dumps({"network": network}))
    (folder / "card.json").write_text(CARD.to_json())
    if network in qmamba.NAMES:
        torch.manual_seed(0)
        save_weights(folder, qmamba.build(network))
    return folder


def test_a_run_leaves_and_scores(tmp_path, monkeypatch):
    # One block, so that tracing takes seconds.
    monkeypatch.setitem(qmamba._SHAPES, "nano", ((1, 0, 0, 0), 16))
    out = tmp_path / "qmamba.onnx"
    assert export_run(make_run(tmp_path, "qmamba_nano"), out) < 1e-4
    score = Scorer(out).score(make_image(tmp_path / "photo.png"))
    assert 0 <= score.score <= 100


def test_an_unknown_network_is_named(tmp_path):
    with pytest.raises(UnknownName, match="expected one of the networks embedded, qmamba_nano"):
        export_run(make_run(tmp_path, "other"), tmp_path / "other.onnx")
