"""What a pool file may say, and what stands for models on the command line."""

from __future__ import annotations

import json

import pytest

from beholder.errors import DataError, UnknownName, UsageError
from beholder.pool.entry import InputSpec, PoolEntry, entry_from_dict
from beholder.pool.names import read_entries, read_pool
from tests.pool_factory import make_frozen, make_pool, pool_line


def test_a_plain_list_of_onnx_files_is_read(tmp_path):
    path = tmp_path / "index.json"
    path.write_text(json.dumps([pool_line("a"), pool_line("b", fit="centre crop")]), "utf-8")
    first, second = read_pool(path)
    assert first == PoolEntry(
        name="a",
        kind="onnx",
        model=str(tmp_path / "a.onnx"),
        pretext="task of a",
        licence="Apache-2.0",
        source="tests",
        input=InputSpec(fit="squash", size_px=8, pixels="uint8"),
        features=3,
    )
    assert second.input == InputSpec(fit="crop", size_px=8, pixels="uint8")


def test_an_entry_comes_back_equal_from_json():
    spec = InputSpec(
        fit="crop", size_px=8, short_px=9, kernel="linear", clip_frames=4, mean=(1, 2, 3)
    )
    entry = PoolEntry(name="a", kind="timm", model="a.b", input=spec, weights="w")
    assert entry_from_dict(json.loads(json.dumps(entry.to_dict()))) == entry


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a/b"}, "letters, digits"),
        ({"kind": "keras"}, "one of the kinds onnx, timm"),
        ({"model": None, "kind": "timm", "name": None}, "entry of a pool file"),
        ({"input": "whatever"}, "found 'whatever'; see docs/pool.md"),
        ({"input": {"fit": "crop", "size_px": 0}}, r"sides in 1\.\.4096"),
        ({"input": {"fit": "squash", "size_px": 8, "short_px": 9}}, "short_px with fit 'crop'"),
        ({"input": {"fit": "crop", "size_px": 8, "short_px": 7}}, "of at least 8, found 7"),
        ({"input": {"fit": "tiles", "size_px": 8}}, "short_px of at most 32"),
        ({"input": {"fit": "tiles", "size_px": 8, "short_px": 33}}, "short_px of at most 32"),
        (
            {"input": {"fit": "tiles", "size_px": 8, "short_px": 9, "clip_frames": 2}},
            "'tiles' for single frames",
        ),
        ({"input": {"fit": "crop", "size_px": 8, "std": [1, 0, 1]}}, "deviations above 0"),
        ({"input": {"size": 8}}, "entry of a pool file"),
    ],
)
def test_other_entries_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        entry_from_dict({"name": "a", "kind": "timm", "model": "m", **change})


@pytest.mark.parametrize(
    ("text", "kind", "model", "name"),
    [
        ("timm:convnext_tiny.fb_in22k", "timm", "convnext_tiny.fb_in22k", "convnext_tiny.fb_in22k"),
        ("open_clip:ViT-B-32/openai", "open_clip", "ViT-B-32/openai", "ViT-B-32_openai"),
        ("transformers:a/b-c", "transformers", "a/b-c", "a_b-c"),
        ("beholder:embedded", "beholder", "embedded", "embedded"),
    ],
)
def test_a_model_is_named_by_kind_and_id(text, kind, model, name):
    (entry,) = read_entries([text])
    assert (entry.kind, entry.model, entry.name, entry.input) == (kind, model, name, None)


def test_files_and_names_can_be_mixed_and_get_local_weights(tmp_path):
    pool = make_pool(tmp_path, {"a": 1.0})
    other = make_frozen(tmp_path / "other.onnx")
    entries = read_entries([str(pool), f"onnx:{other}", "timm:x"], weights=["x=/w.safetensors"])
    assert [entry.name for entry in entries] == ["a", "other", "x"]
    assert [entry.weights for entry in entries] == ["", "", "/w.safetensors"]
    assert read_entries([str(other)])[0].kind == "onnx"


@pytest.mark.parametrize(
    ("names", "weights", "error", "message"),
    [
        (["nothing"], [], UnknownName, "expected a pool file or a model like timm:resnet50"),
        (["keras:x"], [], UnknownName, "found 'keras:x'"),
        (["timm:x", "torchvision:x"], [], UsageError, "every model once, found x again"),
        (["timm:x"], ["y=1"], UnknownName, "one of x, found 'y'"),
        (["timm:x"], ["x="], UsageError, "NAME=FILE, found 'x='"),
    ],
)
def test_other_names_are_refused(names, weights, error, message):
    with pytest.raises(error, match=message):
        read_entries(names, weights=weights)


@pytest.mark.parametrize("text", ["{}", "[1]", "no json"])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "pool.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="pool file at|list of models in"):
        read_pool(path)
