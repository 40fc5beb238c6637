"""From a data folder to a score: train, interrupt, resume, export, score with the new model."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from beholder import Scorer
from beholder.cards import Result
from beholder.errors import DataError, ExportMismatch, UnknownName, UsageError
from beholder.export import compare, export_run
from beholder.models.embedded import build
from beholder.models.start import load_start
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.fit import fit
from tests.training_factory import SETTINGS, make_data

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return make_data(tmp_path_factory.mktemp("data"))


def _recipe(*extra):
    return apply_overrides(RECIPES["embedded"](), [*SETTINGS, *extra])


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return fit(_recipe(), data=data, out=tmp_path_factory.mktemp("runs") / "whole")


def test_run_folder_tells_what_happened(run):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    checks = [line for line in lines if "srcc" in line]
    assert [line["step"] for line in steps] == [1, 2, 3, 4]
    assert {"opinion", "correlation", "rank", "anchor"} <= set(steps[0])
    assert [line["step"] for line in checks] == [2, 4]
    card = json.loads((run / "card.json").read_text())
    assert card["calibration"]["coverage"] == 0.9
    assert 0 < card["calibration"]["half_width"] <= 100


def test_an_interrupted_run_ends_with_the_same_weights(data, run, tmp_path):
    class Stop(Exception):
        pass

    def stop_after_two(stage, done, _total):
        if stage == "training" and done == 3:
            raise Stop

    with pytest.raises(Stop):
        fit(_recipe(), data=data, out=tmp_path, progress=stop_after_two)
    with pytest.raises(UsageError, match="add --resume"):
        fit(_recipe(), data=data, out=tmp_path)
    fit(_recipe(), data=data, out=tmp_path, resume=True)
    whole, resumed = (load_file(r / "model.safetensors") for r in (run, tmp_path))
    for name, values in whole.items():
        np.testing.assert_allclose(resumed[name], values, rtol=1e-4, atol=1e-6, err_msg=name)


def test_the_head_learns_what_the_first_edition_says_of_ladders(data, run, tmp_path):
    alone = fit(_recipe("data.ladder_teacher="), data=data, out=tmp_path / "alone")
    for folder, told in ((run, True), (alone, False)):
        first = (folder / "head" / "log.jsonl").read_text().splitlines()[0]
        assert ("told" in json.loads(first)) == told
        (_, ladders) = json.loads((folder / "card.json").read_text())["trained_on"]
        assert ("what embedded-1 says" in ladders) == told
    with pytest.raises(UnknownName, match="teacher.onnx"):
        fit(_recipe("data.ladder_teacher=teacher.onnx"), data=data, out=tmp_path / "absent")


def test_trunks_rest_where_their_rate_is_zero(data, run, tmp_path):
    out = fit(_recipe("optim.trunk_learning_rate=0"), data=data, out=tmp_path / "rest")
    network = build()
    load_start(network, [data / "start.onnx"])
    network.round_to_half()
    trained = load_file(out / "model.safetensors")
    moved = load_file(run / "model.safetensors")
    name = "trunks.mobilenet_v1.stem.convolve.weight"
    assert np.array_equal(trained[name], network.state_dict()[name].numpy())
    assert not np.array_equal(trained[name], moved[name])
    assert np.abs(trained["regress.weight"]).max() > 0
    with pytest.raises(UsageError, match="add --resume"):
        fit(_recipe("optim.trunk_learning_rate=0"), data=data, out=out)
    fit(_recipe("optim.trunk_learning_rate=0"), data=data, out=out, resume=True)
    again = load_file(out / "model.safetensors")
    assert all(np.array_equal(again[name], value) for name, value in trained.items())


def test_weights_leave_in_half_of_their_bytes(run, tmp_path):
    out = tmp_path / "half.onnx"
    export_run(run, out)
    weights = load_file(run / "model.safetensors").values()
    assert out.stat().st_size < 0.6 * sum(values.nbytes for values in weights)


def test_exported_model_scores_a_picture_as_torch_does(data, run, tmp_path):
    out = tmp_path / "new.onnx"
    figure = Result(
        figure="srcc", value=0.5, interval=(0.4, 0.6), data="noise", num_items=60, command="pytest"
    )
    assert export_run(run, out, results=[figure]) < 1e-4
    assert Scorer(out).card.results == (figure,)
    assert b".py" not in out.read_bytes(), "names files of the machine that exported"
    picture = next((data / "BIQ2021" / "Images").iterdir())
    score = Scorer(out).score(picture)
    assert score.model.startswith("embedded@")
    assert 0 <= score.interval[0] <= score.score <= score.interval[1] <= 100


@pytest.mark.parametrize("bias", [0.6, float("nan")])
def test_a_model_that_differs_does_not_leave(bias, run, tmp_path):
    out = tmp_path / "new.onnx"
    export_run(run, out)
    # A new head says 0.5 of everything, as one of four steps nearly does.
    other = build().eval()
    torch.nn.init.constant_(other.regress.bias, bias)
    with pytest.raises(ExportMismatch, match="found a difference"):
        compare(other, out)


def test_an_unfinished_run_is_not_exported(run, tmp_path):
    shutil.copy(run / "recipe.json", tmp_path)
    with pytest.raises(DataError, match="train first"):
        export_run(tmp_path, tmp_path / "new.onnx")
    assert not (tmp_path / "new.onnx").exists()
