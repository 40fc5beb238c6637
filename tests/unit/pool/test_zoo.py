"""Every library's networks load from local files in that library's own layout.

The weights are random; they are saved as the library saves them and must come back in place: the
features equal those of the network that was saved. Nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
import json
import pickle
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from beholder.errors import MissingExtra, ModelError, UnknownName  # noqa: E402
from beholder.pool.entry import InputSpec, PoolEntry  # noqa: E402
from beholder.pool.load import load_model  # noqa: E402
from beholder.pool.loaded import input_shape  # noqa: E402


def _library(name: str):
    """Skip a test where its library is not installed; it is imported by the loader first."""
    missing = importlib.util.find_spec(name) is None
    return pytest.mark.skipif(missing, reason=f"{name} is not installed (beholder[zoo])")


# The libraries warn of each other's ways, which is not ours to judge.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def torchvision():
    from beholder.backbones.torch_shim import ensure_torchvision

    ensure_torchvision()
    import torchvision

    return torchvision


def _load(kind: str, model: str, weights: object = "", *, spec: InputSpec | None = None):
    return load_model(PoolEntry(name="x", kind=kind, model=model, weights=str(weights), input=spec))


def _inputs(model, batch: int = 2) -> np.ndarray:
    shape = (batch, *input_shape(model.spec))
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _call(function, inputs: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return function(torch.from_numpy(inputs)).numpy()


@_library("torchvision")
def test_torchvision_images(tmp_path, torchvision):
    network = torchvision.models.squeezenet1_1(weights=None).eval()
    path = tmp_path / "w.pth"
    torch.save({"state_dict": {f"module.{k}": v for k, v in network.state_dict().items()}}, path)
    model = _load("torchvision", "squeezenet1_1", path)
    assert model.entry.features == 512
    assert (model.spec.size_px, model.spec.short_px, model.spec.kernel) == (224, 256, "linear")
    network.classifier[1] = torch.nn.Identity()
    inputs = _inputs(model)
    np.testing.assert_allclose(model.run(inputs), _call(network, inputs), atol=1e-5)


@_library("torchvision")
def test_torchvision_videos(tmp_path, torchvision):
    network = torchvision.models.video.mc3_18(weights=None).eval()
    path = tmp_path / "w.pth"
    torch.save(network.state_dict(), path)
    small = InputSpec(fit="crop", size_px=32, clip_frames=4)
    model = _load("torchvision_video", "mc3_18", path, spec=small)
    assert model.entry.features == 512
    inputs = _inputs(model)
    assert inputs.shape == (2, 4, 3, 32, 32)
    network.fc = torch.nn.Identity()
    clips = np.ascontiguousarray(inputs.transpose(0, 2, 1, 3, 4))
    np.testing.assert_allclose(model.run(inputs), _call(network, clips), atol=1e-5)


@_library("torchvision")
@pytest.mark.parametrize(
    ("name", "size_px", "short_px", "frames"),
    [("mc3_18", 112, 128, 16), ("swin3d_t", 224, 256, 32)],
)
def test_torchvision_says_what_its_video_networks_see(torchvision, name, size_px, short_px, frames):
    from beholder.pool.from_torchvision import _read_spec

    transforms = torchvision.models.get_model_weights(name).DEFAULT.transforms()
    spec = _read_spec(transforms, name, is_video=True)
    assert (spec.size_px, spec.short_px, spec.clip_frames) == (size_px, short_px, frames)


@_library("torchvision")
def test_what_is_not_there_is_said(tmp_path, torchvision, monkeypatch):
    with pytest.raises(UnknownName, match="classifier of torchvision, found 'resnet19'; near: res"):
        _load("torchvision", "resnet19")

    def offline(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr("torchvision.models._api.WeightsEnum.get_state_dict", offline)
    with pytest.raises(ModelError, match=r"download them from https://.*pth .* --weights x=FILE"):
        _load("torchvision", "squeezenet1_1")
    path = tmp_path / "w.safetensors"
    save_file({"conv.weight": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="weights of this network .* found others: Missing key"):
        _load("torchvision", "squeezenet1_1", path)


@_library("timm")
def test_timm(tmp_path):
    from beholder.backbones.torch_shim import ensure_torchvision

    ensure_torchvision()
    import timm

    network = timm.create_model("test_vit", pretrained=False).eval()
    path = tmp_path / "w.safetensors"
    save_file(network.state_dict(), path)
    model = _load("timm", "test_vit.r160_in1k", path)
    assert model.entry.features == network.num_features
    inputs = _inputs(model)
    network.reset_classifier(0)
    np.testing.assert_allclose(model.run(inputs), _call(network, inputs), atol=1e-5)
    save_file({"conv.weight": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="weights of this network"):
        _load("timm", "test_vit.r160_in1k", path)
    with pytest.raises(ModelError, match="huggingface.co/timm/test_vit"):
        _load("timm", "test_vit.r160_in1k")
    with pytest.raises(UnknownName, match="expected a network of timm, found 'test_vitt'"):
        _load("timm", "test_vitt")


@_library("open_clip")
def test_open_clip(tmp_path, monkeypatch):
    from beholder.backbones.torch_shim import ensure_torchvision

    ensure_torchvision()
    import open_clip
    from open_clip import pretrained

    tower = {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16, "head_width": 32}
    text = {"context_length": 8, "vocab_size": 50, "width": 32, "heads": 1, "layers": 1}
    config = tmp_path / "tiny.json"
    config.write_text(json.dumps({"embed_dim": 24, "vision_cfg": tower, "text_cfg": text}))
    open_clip.add_model_config(config)
    facts = {"url": "https://x.org/tiny.pt", "mean": (0, 0, 0), "std": (1, 1, 1)}
    monkeypatch.setitem(pretrained._PRETRAINED, "tiny", {"tag": facts})
    network = open_clip.create_model("tiny").eval()
    path = tmp_path / "w.safetensors"
    save_file(network.state_dict(), path)
    model = _load("open_clip", "tiny/tag", path)
    assert model.entry.features == 24
    assert model.spec.size_px == 32
    inputs = _inputs(model)
    np.testing.assert_allclose(model.run(inputs), _call(network.visual, inputs), atol=1e-5)
    with pytest.raises(UnknownName, match="found 'tiny/other'; tags of 'tiny': tag"):
        _load("open_clip", "tiny/other")


SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32}


@_library("transformers")
@pytest.mark.parametrize(
    ("name", "settings", "clip_frames"),
    [
        ("ViT", {}, 0),
        ("Dinov2", {"patch_size": 16}, 0),
        ("VideoMAE", {"num_frames": 4, "tubelet_size": 2}, 4),
    ],
)
def test_transformers(tmp_path, name, settings, clip_frames):
    try:
        from beholder.backbones.torch_shim import ensure_torchvision

        ensure_torchvision()
    finally:
        import transformers

    config = getattr(transformers, f"{name}Config")(**SMALL, intermediate_size=64, **settings)
    network = getattr(transformers, f"{name}Model")(config).eval()
    network.save_pretrained(tmp_path)
    facts = {"image_mean": [0.5] * 3, "image_std": [0.25] * 3, "size": {"shortest_edge": 40}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({**facts, "resample": 2}))
    model = _load("transformers", "someone/something", tmp_path)
    assert model.entry.features == 32
    assert (model.spec.size_px, model.spec.short_px, model.spec.kernel) == (32, 40, "linear")
    assert model.spec.mean == (127.5,) * 3
    assert model.spec.clip_frames == clip_frames
    inputs = _inputs(model)
    with torch.no_grad():
        found = network(pixel_values=torch.from_numpy(inputs))
    pooled = getattr(found, "pooler_output", None)
    wanted = found.last_hidden_state.mean(1) if pooled is None else pooled
    np.testing.assert_allclose(model.run(inputs), wanted.numpy(), atol=1e-5)


@_library("transformers")
def test_transformers_without_weights(tmp_path):
    with pytest.raises(ModelError, match="huggingface.co/someone/something"):
        _load("transformers", "someone/something")
    with pytest.raises(ModelError, match=r"a folder with config\.json and model\.safetensors"):
        _load("transformers", "someone/something", tmp_path)


@pytest.mark.parametrize(
    ("kind", "package"),
    [("timm", "timm"), ("open_clip", "open_clip"), ("transformers", "transformers")],
)
def test_a_missing_library_is_named(monkeypatch, kind, package):
    monkeypatch.setattr(f"beholder.pool.from_{kind}.ensure_torchvision", lambda: None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}.*pip install 'beholder\[zoo\]'"):
        _load(kind, "a/b")


def test_a_missing_torchvision_is_named(monkeypatch):
    from beholder.backbones.torch_shim import ensure_torchvision

    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(MissingExtra, match="torchvision"):
        ensure_torchvision.__wrapped__()


class _Harm:
    def __reduce__(self):
        return (open, ("harm", "w"))


@_library("torchvision")
@pytest.mark.parametrize("layout", ["zip", "old", "bare"])
def test_no_code_of_a_file_is_run(tmp_path, monkeypatch, layout):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "w.pth"
    if layout == "bare":
        path.write_bytes(pickle.dumps(_Harm()))
    else:
        torch.save({"x": _Harm()}, path, _use_new_zipfile_serialization=layout == "zip")
    with pytest.raises(ModelError):
        _load("torchvision", "squeezenet1_1", path)
    assert not (tmp_path / "harm").exists()
