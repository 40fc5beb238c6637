import io

import av
import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.reports.curves import draw_losses

BLUE = (33, 102, 172)


def pixels(png):
    with av.open(io.BytesIO(png)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_each_term_has_a_line_and_a_falling_one_falls():
    steps, falling = [10, 20, 30], [2.0, 1.0, 0.2]
    picture = pixels(draw_losses(steps, {"loss": falling, "intra": falling[::-1]}, title="t"))
    rows, columns = np.nonzero((picture[:, :700] == BLUE).all(axis=2))
    # Up in a picture is a small row: the second term rises from left to right.
    assert rows[columns < 350].mean() > rows[columns > 650].mean() + 100
    assert ((picture[:, :700] == (38, 42, 48)).all(axis=2)).any()


def test_terms_of_zero_do_no_harm():
    assert draw_losses([1, 2], {"loss": [0.0, 0.0]}, title="t").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("steps", "terms"), [([1], {"a": [1.0]}), ([1, 2], {}), ([1, 2], {"a": [1.0]})]
)
def test_what_cannot_be_drawn_is_refused(steps, terms):
    with pytest.raises(UsageError, match="two logged steps or more and a value of each term"):
        draw_losses(steps, terms, title="t")
