import numpy as np
import pytest
import torch

from beholder.errors import ModelError, UsageError
from beholder.models.embedded import Config, build
from beholder.models.start import load_start, read_convolutions
from beholder.recipes import RECIPES
from beholder.scoring.weights import find_model
from beholder.training.material import model_file
from tests.start_factory import make_onnx, make_tflite


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    torch.manual_seed(1)
    return make_onnx(tmp_path_factory.mktemp("start") / "start.onnx", build())


def test_trunk_gets_the_numbers_of_the_file(start):
    torch.manual_seed(2)
    model = build()
    head_before = model.regress.transforms[0][1].weight.clone()
    load_start(model, [start])
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    for layer, (weight, bias) in zip(layers, read_convolutions(start), strict=True):
        assert np.array_equal(layer.weight.detach().numpy(), weight)
        assert np.array_equal(layer.bias.detach().numpy(), bias)
    assert torch.equal(model.regress.transforms[0][1].weight, head_before)


def test_tflite_constants_come_back_as_floats(tmp_path):
    rng = np.random.default_rng(0)
    plain = rng.integers(0, 256, (4, 3, 3, 2), dtype=np.uint8)
    depthwise = rng.integers(0, 256, (1, 3, 3, 5), dtype=np.uint8)
    path = make_tflite(
        tmp_path / "start.tflite",
        [(plain, 0.5, 100, np.arange(4), 0.25), (depthwise, 0.125, 7, np.arange(5), 0.5)],
        depthwise=[False, True],
    )
    (first, first_bias), (second, second_bias) = read_convolutions(path)
    assert np.array_equal(first, (plain.astype(np.float32) - 100).transpose(0, 3, 1, 2) / 2)
    assert np.array_equal(second, (depthwise.astype(np.float32) - 7).transpose(3, 0, 1, 2) / 8)
    assert np.array_equal(first_bias, np.arange(4) / 4)
    assert np.array_equal(second_bias, np.arange(5) / 2)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.onnx", None, "found no file"),
        ("text.onnx", b"hello, I am no model", "expected an ONNX file"),
        ("text.tflite", b"hello, I am no model", "expected a TFLite file"),
        ("short.tflite", b"\x00\x00\x00\x00TFL3\x00", "ends early or is damaged"),
    ],
)
def test_bad_files_are_named(tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        read_convolutions(path)


def test_another_network_is_refused(tmp_path):
    path = make_tflite(
        tmp_path / "small.tflite",
        [(np.zeros((4, 3, 3, 2), np.uint8), 0.5, 0, np.zeros(4), 0.5)],
        depthwise=[False],
    )
    with pytest.raises(ModelError, match="expected 27 convolutions"):
        load_start(build(), [path])


def test_every_trunk_wants_its_file(start, tmp_path):
    config = Config(trunks=("mobilenet_v1", "mobilenet_v2"))
    with pytest.raises(UsageError, match="each of mobilenet_v1, mobilenet_v2"):
        load_start(build(config), [start])
    torch.manual_seed(3)
    second = make_onnx(tmp_path / "second.onnx", build(Config(trunks=("mobilenet_v2",))))
    model = build(config)
    load_start(model, [start, second])
    found = [w for w, _ in read_convolutions(start)] + [w for w, _ in read_convolutions(second)]
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(layers) == 27 + 52
    for layer, weight in zip(layers, found, strict=True):
        assert np.array_equal(layer.weight.detach().numpy(), weight)


def test_the_recipe_starts_from_the_trunk_of_the_first_edition(tmp_path):
    settings = RECIPES["embedded"]().data
    model = build()
    load_start(model, [model_file(settings.start, tmp_path)])
    (first, *_) = read_convolutions(find_model("embedded-1"))
    layer = next(m for m in model.modules() if isinstance(m, torch.nn.Conv2d))
    np.testing.assert_array_equal(layer.weight.detach().numpy(), first[0])
    assert model_file("trunk.tflite", tmp_path) == tmp_path / "trunk.tflite"
