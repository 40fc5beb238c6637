from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from beholder.errors import ModelError, UnknownName
from beholder.scoring import read_card
from beholder.scoring.onnx_backend import OnnxBackend
from beholder.scoring.weights import find_model
from tests.model_factory import CARD, make_model


def test_runs_batches_and_knows_its_file(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m.onnx").read_bytes()
    backend = OnnxBackend(model)
    views = np.zeros((2, 3, 8, 8), np.float32)
    views[1, :, :, ::2] = 0.5
    np.testing.assert_array_equal(backend.run(views), np.float32([0.0, 0.5]))
    assert backend.card == CARD
    assert backend.model_id == f"sharpness@{hashlib.sha256(model).hexdigest()[:12]}"


def test_a_view_is_judged_alone(tmp_path: Path) -> None:
    backend = OnnxBackend(make_model(tmp_path / "m.onnx").read_bytes())
    views = np.random.default_rng(0).random((5, 3, 64, 96), np.float32)
    alone = np.concatenate([backend.run(view[None]) for view in views])
    np.testing.assert_array_equal(backend.run(views), alone)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="an ONNX file that Beholder exported"):
        OnnxBackend(b"not a model")
    with pytest.raises(ModelError, match="an ONNX file that Beholder exported"):
        OnnxBackend(make_model(tmp_path / "m.onnx").read_bytes()[:-5])
    with pytest.raises(ModelError, match="a model card under 'beholder_card'.*found none"):
        OnnxBackend(make_model(tmp_path / "m.onnx", card=None).read_bytes())
    newer = json.dumps({**json.loads(CARD.to_json()), "schema": 99})
    with pytest.raises(ModelError, match="schema 1, found 99"):
        OnnxBackend(make_model(tmp_path / "m.onnx", card=newer).read_bytes())


def test_networks_that_cannot_be_loaded_say_so(tmp_path: Path) -> None:
    views = np.zeros((1, 3, 8, 8), np.float32)
    with pytest.raises(ModelError, match=r"found \['x'\] to \['quality'\]"):
        OnnxBackend(make_model(tmp_path / "m.onnx", input_name="x").read_bytes()).load()
    broken = make_model(tmp_path / "m.onnx").read_bytes().replace(b"quality", b"qualitx", 1)
    with pytest.raises(ModelError, match=r"the file cannot be loaded"):
        OnnxBackend(broken).run(views)


def test_failing_networks_say_so(tmp_path: Path) -> None:
    backend = OnnxBackend(make_model(tmp_path / "m.onnx").read_bytes())
    with pytest.raises(ModelError, match=r"accept views \[1, 4, 8, 8\], it failed"):
        backend.run(np.zeros((1, 4, 8, 8), np.float32))
    with pytest.raises(ModelError, match="1 finite numbers from the model, found"):
        backend.run(np.full((1, 3, 8, 8), np.nan, np.float32))


def test_card_is_read_from_the_file(tmp_path: Path) -> None:
    assert read_card(make_model(tmp_path / "m.onnx")) == CARD


def test_unknown_model_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownName, match=r"model's name \(embedded, embedded-1\).*found 'embeded'"
    ):
        find_model("embeded")
    with pytest.raises(UnknownName, match="path of an .onnx file"):
        find_model(tmp_path / "none.onnx")
