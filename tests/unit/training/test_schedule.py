import pytest

from beholder.training.embedded_task import trunk_share
from beholder.training.recipe import LoopSettings, OptimSettings
from beholder.training.schedule import cosine_share

LOOP = LoopSettings(steps=110, head_steps=10)
OPTIM = OptimSettings(warmup_steps=20)


def test_rate_falls_from_one_to_a_hundredth():
    shares = [cosine_share(step, LOOP) for step in range(10, 111)]
    assert shares[0] == 1
    assert shares[50] == pytest.approx(0.505)
    assert shares[-1] == pytest.approx(0.01)
    assert shares == sorted(shares, reverse=True)


def test_trunk_warms_up_first():
    assert trunk_share(10, LOOP, OPTIM) == pytest.approx(1 / 20)
    assert trunk_share(29, LOOP, OPTIM) == pytest.approx(cosine_share(29, LOOP))
    assert trunk_share(60, LOOP, OPTIM) == cosine_share(60, LOOP)
