import dataclasses

import numpy as np
import pytest
import torch

from beholder.errors import ModelError, UsageError
from beholder.models.ptm_vqa import CONFIG, Config, _drop, build, common_space, load_head
from beholder.training.checkpoint import save_weights

CONFIG_OF_THREE = Config(
    models=("a", "b", "c"),
    dims=(9, 5, 7),
    weights=(0.5, 0.3, 0.2),
    reduced=6,
    hidden=8,
    width=4,
    members=2,
    landmarks=15,
)


@pytest.fixture
def views():
    start = torch.Generator().manual_seed(0)
    return [torch.randn(20, dim, generator=start) for dim in CONFIG_OF_THREE.dims]


@pytest.fixture
def model(views):
    torch.manual_seed(1)
    model = build(CONFIG_OF_THREE)
    model.fit_frozen(views, torch.linspace(0, 1, 20))
    torch.nn.init.normal_(model.regress.weight)
    return model.eval()


def test_forward_is_head_of_features(model, views):
    assert model.features(views).shape == (20, 2 * 4 + 1)
    assert torch.equal(model(views), model.head(model.features(views)))
    assert model(views).shape == (20, 1)


def test_training_path_says_the_same(model, views):
    common, fused, quality = model.from_reduced(model.reduce(views))
    assert common.shape == (3, 2, 20, 4)
    assert torch.equal(torch.cat(list(fused), 1), model.features(views)[:, :-1])
    said = 0.5 * quality.mean(0) + 0.5 * model.features(views)[:, -1]
    assert torch.allclose(said, model(views)[:, 0], atol=1e-6)


def test_ranks_are_learned_and_opinions_answered(views):
    model = build(dataclasses.replace(CONFIG_OF_THREE, rank_levels=11)).eval()
    # Half of the opinions crowd together at the upper end.
    mos = torch.cat([torch.linspace(0.1, 0.7, 10), torch.linspace(0.7, 0.8, 10)])
    model.fit_frozen(views, mos)
    ranks = model.target(mos)
    assert torch.allclose(ranks, torch.linspace(0, 1, 20), atol=0.06)
    torch.nn.init.constant_(model.regress.bias, 0.5)
    answers = model(views)[:, 0]
    assert ((answers > 0) & (answers < 0.9)).all()
    said = model.features(views)[:, -1]
    order = (0.5 * said + 0.25).argsort()
    assert (answers[order].diff() > 0).all()


def test_members_differ_and_answer_by_their_mean(views, model):
    plain = build(dataclasses.replace(CONFIG_OF_THREE, landmarks=0)).eval()
    plain.load_state_dict(model.state_dict() | plain.kernel.state_dict(prefix="kernel."))
    quality = plain.from_reduced(plain.reduce(views))[2]
    assert not torch.allclose(quality[0], quality[1], atol=1e-2)
    assert torch.allclose(plain(views)[:, 0], quality.mean(0), atol=1e-6)


def test_items_do_not_influence_each_other(model, views):
    alone = model([view[3:4] for view in views])
    assert torch.allclose(alone, model(views)[3:4], atol=1e-6)


def test_fusion_weighs_the_models(model, views):
    common = model.transforms(model.reduce(views))
    expected = 0.5 * common[0] + 0.3 * common[1] + 0.2 * common[2]
    assert torch.allclose(model.fuse(common), expected, atol=1e-6)
    assert expected.shape == (2, 20, 4)


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
    assert model.features(views).shape == (20, 2 * 12 + 1)
    assert model(views).shape == (20, 1)


def test_common_space_is_told_by_model(model, views):
    values = {name: view.numpy() for name, view in zip("abc", views, strict=True)}
    found = common_space(model, values)
    assert list(found) == ["a", "b", "c", "fused"]
    assert all(h.shape == (20, 2 * 4) for h in found.values())
    weighed = 0.5 * found["a"] + 0.3 * found["b"] + 0.2 * found["c"]
    assert np.allclose(found["fused"], weighed, atol=1e-6)


def test_dropout_loses_its_share_and_keeps_the_mean():
    torch.manual_seed(0)
    x = torch.ones(300, 301)
    dropped = _drop(x, 0.2, training=True)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert len(dropped.unique()) == 2
    assert _drop(x, 0.2, training=False) is x
    assert _drop(x, 0.0, training=True) is x


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


@pytest.mark.parametrize("levels", [-1, 1])
def test_one_level_ranks_nothing(levels):
    with pytest.raises(UsageError, match="expected 0 or 2 rank levels or more"):
        dataclasses.replace(CONFIG_OF_THREE, rank_levels=levels)


def test_members_dropout_and_shares_have_bounds():
    for wrong in ({"members": 0}, {"input_dropout": 1.0}, {"kernel_share": 1.5}):
        with pytest.raises(UsageError, match="expected one member or more, dropout of 0 or more"):
            dataclasses.replace(CONFIG_OF_THREE, **wrong)
