"""The names that other people's code may use; a change here is a change of the public interface."""

import beholder
from beholder import errors, records


def test_public_names_are_these():
    assert sorted(beholder.__all__) == ["BeholderError", "Score", "Scorer", "__version__"]
    assert beholder.Score is records.Score
    assert beholder.BeholderError is errors.BeholderError
    assert beholder.Scorer.__name__ == "Scorer"


def test_the_version_is_the_installed_one():
    assert beholder.__version__.split(".")[0].isdigit()


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(beholder, "scorer_of_all")
