import dataclasses

import numpy as np
import pytest
import torch

from beholder.errors import ModelError, UsageError
from beholder.models.ptm_vqa import CONFIG, Config, Reduction, build, load_head
from beholder.training.checkpoint import save_weights

CONFIG_OF_THREE = Config(
    models=("a", "b", "c"), dims=(9, 5, 7), weights=(0.5, 0.3, 0.2), reduced=6, hidden=8, width=4
)


@pytest.fixture
def views():
    start = torch.Generator().manual_seed(0)
    return [torch.randn(20, dim, generator=start) for dim in CONFIG_OF_THREE.dims]


@pytest.fixture
def model(views):
    torch.manual_seed(1)
    model = build(CONFIG_OF_THREE)
    model.fit_reductions(views)
    torch.nn.init.normal_(model.regress.weight)
    return model.eval()


def test_forward_is_head_of_features(model, views):
    assert model.features(views).shape == (20, 4)
    assert torch.equal(model(views), model.head(model.features(views)))
    assert model(views).shape == (20, 1)


def test_training_path_says_the_same(model, views):
    common, fused, quality = model.from_reduced(model.reduce(views))
    assert common.shape == (3, 20, 4)
    assert torch.equal(fused, model.features(views))
    assert torch.equal(quality, model(views)[:, 0])


def test_items_do_not_influence_each_other(model, views):
    alone = model([view[3:4] for view in views])
    assert torch.allclose(alone, model(views)[3:4], atol=1e-6)


def test_fusion_weighs_the_models(model, views):
    common = model.transforms(model.reduce(views))
    expected = 0.5 * common[0] + 0.3 * common[1] + 0.2 * common[2]
    assert torch.allclose(model.fuse(common), expected, atol=1e-6)


def test_transforms_of_models_are_apart(model, views):
    reduced = model.reduce(views)
    other = reduced.clone()
    other[1] += 1
    assert torch.equal(model.transforms(reduced)[[0, 2]], model.transforms(other)[[0, 2]])


def test_every_parameter_learns(model, views):
    model.train()(views).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_concatenation_keeps_every_model_apart(views):
    model = build(dataclasses.replace(CONFIG_OF_THREE, fusion="concat"))
    assert model.features(views).shape == (20, 12)
    assert model(views).shape == (20, 1)


def test_reduction_keeps_the_leading_directions():
    start = torch.Generator().manual_seed(0)
    hidden = torch.randn(300, 2, generator=start)
    features = torch.cat([hidden @ torch.randn(2, 30, generator=start), torch.ones(300, 1)], 1)
    reduction = Reduction(31, 2)
    reduction.fit(features)
    reduced = reduction(features)
    assert reduced.square().mean().item() == pytest.approx(1, rel=1e-3)
    # Two directions hold all there is but what the clipping bends.
    values = reduction._standardise(features)
    left = values - reduced @ torch.linalg.lstsq(reduced, values).solution
    assert left.square().sum() < 0.02 * values.square().sum()


def test_few_features_leave_outputs_at_zero_and_constant_ones_do_no_harm():
    reduction = Reduction(3, 8)
    reduction.fit(torch.ones(5, 3))
    assert torch.equal(reduction(torch.full((2, 3), 7.0)), torch.zeros(2, 8))


def test_saved_head_says_the_same(model, views, tmp_path):
    save_weights(tmp_path, model)
    (tmp_path / CONFIG).write_text(CONFIG_OF_THREE.to_json())
    head = load_head(tmp_path)
    item = {name: view[0].numpy() for name, view in zip("abc", views, strict=True)}
    assert head(item) == pytest.approx(model(views)[0].item(), abs=1e-6)
    assert isinstance(item["a"], np.ndarray)


def test_broken_runs_are_refused(model, tmp_path):
    with pytest.raises(ModelError, match="expected head.json and model.safetensors"):
        load_head(tmp_path)
    (tmp_path / CONFIG).write_text("{}")
    with pytest.raises(ModelError, match="expected the config of a fused head"):
        load_head(tmp_path)
    (tmp_path / CONFIG).write_text(dataclasses.replace(CONFIG_OF_THREE, width=5).to_json())
    save_weights(tmp_path, model)
    with pytest.raises(ModelError, match="train the run again"):
        load_head(tmp_path)


def test_lists_of_a_config_belong_together():
    with pytest.raises(UsageError, match="one weight above 0 for each model"):
        Config(models=("a",), dims=(3, 4), weights=(1.0,))
