"""QMamba: the published sizes, any picture, features and head."""

import pytest
import torch

from beholder.errors import UnknownName
from beholder.models.qmamba import NAMES, build, lqmamba_config

PUBLISHED_MILLIONS = {
    "qmamba_t": 27.993,
    "qmamba_s": 49.380,
    "qmamba_b": 87.534,
    "lqmamba_t": 29.878,
    "lqmamba_s": 52.912,
    "lqmamba_b": 93.793,
    "qmamba_nano": 1.298,
    "lqmamba_nano": 1.381,
}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_the_papers_to_the_last_digit(name):
    with torch.device("meta"):
        count = sum(parameter.numel() for parameter in build(name).parameters())
    assert round(count / 1e6, 3) == PUBLISHED_MILLIONS[name]


@pytest.mark.parametrize("name", ["qmamba_nano", "lqmamba_nano"])
@pytest.mark.parametrize("size", [(32, 32), (32, 96), (45, 70)])
@torch.no_grad()
def test_any_picture_gives_one_number(name, size):
    model, views = build(name).eval(), torch.randn(2, 3, *size)
    features = model.features(views)
    assert features.shape == (2, 192)
    assert model(views).shape == (2, 1)
    assert torch.equal(model(views), model.head(features))


def test_scoring_leaves_the_mode_alone():
    model = build("qmamba_nano", drop_path=0.5).train()
    model(torch.randn(1, 3, 32, 32))
    assert model.training


def test_windows_differ_by_stage():
    orders = lqmamba_config("nano", windows=(14, 7, 7, 2)).orders
    assert [block[0].window for block in orders] == [14, 7, 7, 7, 7, 7, 7, 2]


@pytest.mark.parametrize("name", ["qmamba_x", "qmamba", "nano"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(UnknownName, match="expected one of qmamba_nano"):
        build(name)
