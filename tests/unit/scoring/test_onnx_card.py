from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from beholder.scoring.onnx_card import read_metadata
from tests.model_factory import make_model


def test_metadata_are_what_the_onnx_library_reads(tmp_path: Path) -> None:
    path = make_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    for key, value in (("long", "x" * 300), ("empty", ""), ("Ärger", "größer")):
        model.metadata_props.add(key=key, value=value)
    expected = {pair.key: pair.value for pair in model.metadata_props}
    assert read_metadata(model.SerializeToString()) == expected


@pytest.mark.parametrize(
    "message",
    [b"\xff" * 11, b"\x0a\x05ab", b"\x0b", b"\x02\x00", b"\x72\x02\x0a\x05"],
    ids=["endless number", "short field", "unknown kind", "field 0", "short pair"],
)
def test_damaged_messages_are_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_metadata(message)
