from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx
import pytest

from beholder.errors import ModelError
from beholder.scoring import Scorer, read_card
from beholder.scoring.onnx_metadata import card_of
from tests.model_factory import CARD, make_model


def test_card_is_read_from_the_file(tmp_path: Path) -> None:
    assert read_card(make_model(tmp_path / "m.onnx")) == CARD


def test_card_is_found_among_other_entries(tmp_path: Path) -> None:
    model = onnx.load(make_model(tmp_path / "m.onnx"))
    model.doc_string = "x" * 300
    model.model_version = 2**40
    onnx.helper.set_model_props(model, {"a": "b", "beholder_card": CARD.to_json(), "c": ""})
    assert card_of(model.SerializeToString()) == CARD


def test_scorer_knows_its_file(tmp_path: Path) -> None:
    path = make_model(tmp_path / "m.onnx")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert Scorer(path).model_id == f"sharpness@{digest[:12]}"


@pytest.mark.parametrize("content", [b"not a model", b"\xff" * 30, b"\x72\x05ab"])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="an ONNX file that Beholder exported"):
        card_of(content)


def test_cut_files_are_refused(tmp_path: Path) -> None:
    content = make_model(tmp_path / "m.onnx").read_bytes()
    for length in range(0, len(content), 7):
        with pytest.raises(ModelError, match="ONNX file that Beholder|found none"):
            card_of(content[:length])


def test_models_without_a_card_or_with_a_newer_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a model card under 'beholder_card'.*found none"):
        card_of(make_model(tmp_path / "m.onnx", card=None).read_bytes())
    newer = json.dumps({**json.loads(CARD.to_json()), "schema": 99})
    with pytest.raises(ModelError, match="schema 1, found 99"):
        card_of(make_model(tmp_path / "m.onnx", card=newer).read_bytes())
