"""The examples in docstrings are true."""

import doctest
import importlib

import pytest

from tests.house.repository import SOURCE, source_files


def _modules():
    for path in source_files():
        if ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(SOURCE.parent).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__")


@pytest.mark.parametrize("name", list(_modules()))
def test_examples_hold(name):
    results = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert results.failed == 0
