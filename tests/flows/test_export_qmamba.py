"""A run of QMamba leaves as ONNX and scores a picture of any size."""

import onnxruntime
import pytest
import torch

from beholder import Scorer
from beholder.backbones.scan_orders import ScanOrder, to_sequence
from beholder.errors import UnknownName
from beholder.export import _trace, export_run
from beholder.models import qmamba
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.checkpoint import save_weights
from tests.media_factory import make_image
from tests.model_factory import CARD

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def make_run(folder, network):
    recipe = apply_overrides(RECIPES["qmamba"](), [f"model.network={network}"])
    (folder / "recipe.json").write_text(recipe.to_json())
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


class Windows(torch.nn.Module):
    def forward(self, views):
        order = ScanOrder(window=40, columns=True, shrink=True)
        return to_sequence(views.permute(0, 2, 3, 1), order)


def test_windows_shrink_to_maps_that_the_tracer_has_not_seen():
    session = onnxruntime.InferenceSession(_trace(Windows().eval()).SerializeToString())
    for size in ((32, 32), (32, 160), (96, 64)):
        views = torch.randn(2, 3, *size)
        (found,) = session.run(None, {session.get_inputs()[0].name: views.numpy()})
        assert torch.equal(torch.from_numpy(found), Windows()(views))
