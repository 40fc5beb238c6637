"""Our own models as members of the pool: the shipped one, an exported file, a run folder."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from safetensors.torch import save_file

from beholder.errors import ModelError, UnknownName
from beholder.models.embedded import build
from beholder.pool.entry import PoolEntry
from beholder.pool.load import load_model
from beholder.scoring import read_card
from beholder.scoring.onnx_backend import OnnxBackend
from beholder.scoring.weights import find_model, read_model
from tests.model_factory import make_model


def _load(model: object, weights: object = ""):
    entry = PoolEntry(name="own", kind="beholder", model=str(model), weights=str(weights))
    return load_model(entry)


@pytest.mark.parametrize(("name", "features"), [("embedded", 256), ("embedded-1", 192)])
def test_the_shipped_models_give_what_stands_before_their_last_layers(name, features):
    model = _load(name)
    assert model.entry.features == features
    assert (model.spec.fit, model.spec.size_px, model.spec.kernel) == ("squash", 384, "linear")
    views = np.random.default_rng(0).normal(size=(2, 3, 384, 384)).astype(np.float32)
    graph = onnx.load(str(find_model(name))).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weight, bias = (constants[name] for name in graph.node[-1].input[1:])
    quality = model.run(views) @ weight.reshape(-1) + bias
    np.testing.assert_allclose(quality, OnnxBackend(read_model(name)).run(views), atol=1e-5)


def test_a_file_is_the_same_as_the_model_it_holds(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(read_model())
    assert _load(path).identity == _load("embedded").identity == _load("else", path).identity


def test_a_run_gives_the_features_of_its_network(tmp_path):
    network = build().eval()
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=r"expected card\.json in the run folder"):
        _load(tmp_path)
    (tmp_path / "card.json").write_text(read_card().to_json(), encoding="utf-8")
    model = _load(tmp_path)
    assert model.entry.features == network.num_features
    views = np.random.default_rng(0).normal(size=(1, 3, 384, 384)).astype(np.float32)
    with torch.no_grad():
        wanted = network.features(torch.from_numpy(views)).numpy()
    np.testing.assert_allclose(model.run(views), wanted, rtol=1e-4, atol=1e-5)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(
        UnknownName, match=r"a model of Beholder \(embedded, embedded-1\), an exported"
    ):
        _load(tmp_path / "none")
    with pytest.raises(ModelError, match="whose last layer is a Gemm, found another"):
        _load(make_model(tmp_path / "m.onnx"))
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="expected an ONNX file for 'own'"):
        _load(tmp_path / "bad.onnx")
