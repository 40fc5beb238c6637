"""The rate of a run on rated pictures, step by step."""

import pytest
import torch

from beholder.recipes.qmamba import VIEW
from beholder.training.quality_recipe import QualityOptim, QualityRecipe
from beholder.training.quality_task import QualityTask
from beholder.training.recipe import LoopSettings


def rates(schedule, *, warmup=3, steps=9):
    recipe = QualityRecipe(
        name="task",
        summary="",
        view=VIEW,
        optim=QualityOptim(learning_rate=1.0, warmup_steps=warmup, schedule=schedule),
        loop=LoopSettings(steps=steps, validate_every=steps),
    )
    task, parameter = QualityTask(recipe), torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter])
    found = []
    for step in range(steps):
        task.set_rates(optimizer, step)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_steps_fall_by_a_factor_at_equal_distances():
    assert rates("steps") == pytest.approx([1 / 3, 2 / 3, 1, *[0.1] * 3, *[0.01] * 3])


def test_a_cosine_rises_and_then_falls_at_every_step_to_nearly_nothing():
    found = rates("cosine", steps=50)
    top = found.index(max(found))
    assert top == 2
    assert found[:3] == sorted(found[:3])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert found[25] == pytest.approx(0.505, abs=0.01)
    assert found[-1] < 0.02
