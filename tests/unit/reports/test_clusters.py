import io

import av
import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.reports.clusters import Panel, draw_clusters, draw_selector


def pixels(png):
    with av.open(io.BytesIO(png)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_one_panel_per_model_with_dots_of_each_cluster():
    rng = np.random.default_rng(0)
    panel = Panel(title="a", places=rng.normal(size=(30, 2)), clusters=np.arange(30) % 3)
    one, five = pixels(draw_clusters([panel], title="t")), draw_clusters([panel] * 5, title="t")
    assert pixels(five).shape[:2] == (56 + 2 * 360, 4 * 360)
    found = {tuple(color) for color in one.reshape(-1, 3)}
    assert {(178, 24, 43), (235, 200, 120), (33, 102, 172)} <= found


def test_good_selector_falls_from_left_to_right():
    picture = pixels(draw_selector(["a", "b"], [1.0, 9.0], [0.9, 0.1]))
    rows, columns = np.nonzero((picture == (33, 102, 172)).all(axis=2))
    left, right = columns < 450, columns >= 450
    assert rows[left].mean() < rows[right].mean()


def test_nothing_to_draw_is_refused():
    with pytest.raises(UsageError, match="one panel or more"):
        draw_clusters([], title="t")
    with pytest.raises(UsageError, match="one model or more"):
        draw_selector([], [], [])
