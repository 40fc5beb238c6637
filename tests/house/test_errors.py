"""Every error is in the tree, in the manual, and has a code of its own."""

import inspect
import re

import pytest

from beholder import errors
from tests.house.repository import ROOT

CLASSES = [
    thing
    for _, thing in inspect.getmembers(errors, inspect.isclass)
    if issubclass(thing, errors.BeholderError)
]
MANUAL = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_error_is_drawn_and_explained(error):
    assert re.search(rf"\b{error.__name__}\b", errors.__doc__), (
        "draw it in the docstring of errors.py"
    )
    assert f"`{error.code}`" in MANUAL, "explain its code in docs/errors.md"
    assert error.__doc__


def test_codes_are_unique_and_plain():
    codes = [error.code for error in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)
