"""docs/datasets.md says what the cards say."""

from pathlib import Path

import pytest

from beholder.datasets.presets import PRESETS
from beholder.datasets.registry import DATASETS

TEXT = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DATASETS)
def test_the_tables_repeat_the_card(name):
    card = DATASETS[name].card
    items = "" if card.num_items is None else f"{card.num_items:,}"
    title = f"[{card.title}]({card.source})" if card.source.startswith("http") else card.title
    worst, best = card.mos_range
    cells = (f"`{name}`", title, items, f"{worst:g} to {best:g}", card.content, card.split)
    assert "| " + " | ".join((*cells, card.licence)) + " |\n" in TEXT
    assert f"| `{name}` | {card.layout} | {card.verified} |\n" in TEXT


@pytest.mark.parametrize("name", PRESETS)
def test_the_fixed_splits_are_told(name):
    preset = PRESETS[name]
    cells = (f"`{name}`", f"`{preset.dataset}`", ", ".join(preset.parts), preset.source)
    assert "| " + " | ".join(cells) + " |\n" in TEXT
