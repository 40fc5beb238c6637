"""The head's first lesson, on features that are made once."""

import dataclasses

import numpy as np
import pytest
import torch

from beholder.models.embedded import build
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.embedded_head import FeatureBatches, HeadAlone, HeadTask
from beholder.training.looks import LOOKS, PHOTO_LOOKS, Seen, look_once

RECIPE = apply_overrides(
    RECIPES["embedded"](),
    [
        *("head.batch=4", "head.num_groups=2", "head.num_rungs=2", "head.warmup_steps=5"),
        "data.side_px=320",
    ],
)


def test_batches_keep_to_the_training_part_and_lead_with_the_source(material):
    # Features that say where they come from: look, item, and for rungs their VMAF.
    looks = range(len(PHOTO_LOOKS))
    photos = np.stack([np.full((6, 2), look) for look in looks]).astype(np.float32)
    photos[:, :, 1] = np.arange(6)
    vmaf = np.stack([material.packs[0].vmaf] * len(LOOKS))
    told = vmaf / 200 + np.arange(len(LOOKS))[:, None, None]
    rungs = np.stack([vmaf, told], axis=-1)
    batches = FeatureBatches(Seen(photos=photos, rungs=(rungs,), told=(told,)), material, RECIPE)
    items, looks = set(), set()
    for step in range(30):
        batch = batches[step]
        torch.testing.assert_close(batch["mos"], batch["photos"][:, 1] / 5)
        items |= set(batch["photos"][:, 1].tolist())
        looks |= set(batch["photos"][:, 0].tolist())
        assert batch["vmaf"].shape == (2, 2)
        assert (batch["vmaf"][:, 0] == 100).all()
        looks_at_rungs = batch["rungs"][:, 0].reshape(2, len(LOOKS), 2)
        assert torch.equal(looks_at_rungs, batch["vmaf"][:, None].expand(-1, len(LOOKS), -1))
        assert torch.equal(batch["told"], batch["rungs"][:, 1])
    assert items == {0, 1, 2, 3, 4}
    assert looks == {0, 1, 2}
    assert torch.equal(batches[7]["rungs"], batches[7]["rungs"])


def test_unrated_pictures_are_looked_at_and_learned(material, resting, tmp_path):
    unrated = material.photos.pixels[:2, ::-1]
    more = dataclasses.replace(material, unrated=unrated, taught=np.linspace(0, 1, 8))
    seen = look_once(resting, more, RECIPE, cache=tmp_path, progress=lambda *_: None)
    assert seen.photos.shape == (len(PHOTO_LOOKS), 8, resting.num_features)
    batches = FeatureBatches(seen, more, RECIPE)
    said = {
        (round(7 * float(t)), bool(m.isfinite()))
        for step in range(20)
        for t, m in zip(batches[step]["taught"], batches[step]["mos"], strict=True)
    }
    # Five to learn from, one to choose on, two that nobody rated.
    assert said == {(0, True), (1, True), (2, True), (3, True), (4, True), (6, False), (7, False)}


def test_only_the_head_learns(material, seen):
    model = build()
    model.standardise(torch.from_numpy(seen.photos[0]))
    alone, task = HeadAlone(model), HeadTask(RECIPE, list(model.regress.parameters()))
    optimizer = task.optimizer(alone)
    before = {name: value.clone() for name, value in alone.state_dict().items()}
    losses = []
    for step in range(60):
        task.set_rates(optimizer, step)
        loss, _ = task.loss(alone.train(), FeatureBatches(seen, material, RECIPE)[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    moved = {n for n, v in alone.state_dict().items() if not torch.equal(v, before[n])}
    assert moved
    assert all(n.startswith("model.regress") for n in moved)


def test_rates_rise_and_fall():
    model = build()
    task = HeadTask(RECIPE, list(model.regress.parameters()))
    optimizer = task.optimizer(HeadAlone(model))
    rates = []
    for step in range(task.loop.steps):
        task.set_rates(optimizer, step)
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates[0] == pytest.approx(RECIPE.head.learning_rate / RECIPE.head.warmup_steps)
    assert max(rates) == pytest.approx(RECIPE.head.learning_rate, rel=0.02)
    assert rates[-1] < 0.02 * max(rates)
