"""A card goes into a file and comes out the same, or is refused."""

import dataclasses
import json

import pytest

from beholder.cards import ModelCard, read_results
from beholder.errors import ModelError
from tests.model_factory import CARD


def _changed(**fields):
    return json.dumps({**json.loads(CARD.to_json()), **fields})


def test_a_card_comes_back_equal():
    assert ModelCard.from_json(CARD.to_json()) == CARD


def test_the_text_does_not_depend_on_the_order_of_fields():
    data = json.loads(CARD.to_json())
    assert json.dumps(data, sort_keys=True) == CARD.to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "expected a model card, found something else"),
        ("[]", "expected a model card, found something else"),
        (_changed(schema=2), "schema 1, found 2; update Beholder"),
        (_changed(view={"mean": [0, 0, 0], "std": [1, 1, 1]}), "export the model again"),
        (_changed(colour="blue"), "colour"),
        (_changed(results=[{"figure": "srcc"}]), "export the model again"),
    ],
)
def test_other_texts_are_refused(text, message):
    with pytest.raises(ModelError, match=message):
        ModelCard.from_json(text)


def test_figures_of_a_benchmark_are_read():
    text = json.dumps({"card": [dataclasses.asdict(figure) for figure in CARD.results]})
    assert read_results(text) == CARD.results


@pytest.mark.parametrize("text", ["not json", "{}", '{"card": [{"figure": "srcc"}]}'])
def test_other_results_are_refused(text):
    with pytest.raises(ModelError, match="expected a benchmark's result"):
        read_results(text)
