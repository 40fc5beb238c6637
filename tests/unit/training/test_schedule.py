import pytest

from beholder.training.recipe import LoopSettings
from beholder.training.schedule import cosine_share, warm_cosine_share

LOOP = LoopSettings(steps=100)


def test_rate_falls_from_one_to_a_hundredth():
    shares = [cosine_share(step, LOOP) for step in range(101)]
    assert shares[0] == 1
    assert shares[50] == pytest.approx(0.505)
    assert shares[-1] == pytest.approx(0.01)
    assert shares == sorted(shares, reverse=True)


def test_rate_rises_first():
    assert warm_cosine_share(0, LOOP, warmup_steps=20) == pytest.approx(1 / 20)
    assert warm_cosine_share(19, LOOP, warmup_steps=20) == cosine_share(19, LOOP)
    assert warm_cosine_share(60, LOOP, warmup_steps=20) == cosine_share(60, LOOP)
