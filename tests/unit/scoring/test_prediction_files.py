"""Anyone's predictions are read as they are meant, and refused where they are not."""

import pytest

from beholder.errors import DataError
from beholder.scoring.prediction_files import RatedItem, read_predictions, write_predictions


@pytest.fixture
def table(tmp_path):
    def write(text, name="theirs.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_predictions_alone(table):
    found = read_predictions(table("predicted,path\n1.5,./a.png\n-2,b\\c.png\n"), with_mos=False)
    assert (found.name, found.items) == ("theirs", ())
    assert found.predicted == {"a.png": 1.5, "b/c.png": -2.0}


def test_predictions_with_opinions(table):
    text = "path,mos,predicted,mos_std,content_id\na,3,1,0.5,scene\nb,4,2,,\n"
    found = read_predictions(table(text), with_mos=True)
    assert found.items == (
        RatedItem(path="a", mos=3, content_id="scene", mos_std=0.5),
        RatedItem(path="b", mos=4, content_id="b"),
    )


def test_written_predictions_are_read_back(table):
    items = [
        RatedItem(path="a", mos=3.25, content_id="x", mos_std=1.5, num_votes=25, codec="av1"),
        RatedItem(path="b", mos=4, content_id="y"),
    ]
    path = table(write_predictions(items, [0.1, 0.2]))
    found = read_predictions(path, with_mos=True)
    assert found.items == tuple(items)
    assert found.predicted == {"a": 0.1, "b": 0.2}
    assert read_predictions(path, with_mos=False).predicted == found.predicted


@pytest.mark.parametrize("text", ["nan", "inf", "good", ""])
def test_a_prediction_is_a_finite_number(table, text):
    path = table(f"path,predicted\na.png,{text}\n")
    with pytest.raises(DataError, match=f"finite number as predicted of 'a.png' .* '{text}'"):
        read_predictions(path, with_mos=False)


def test_a_path_stands_once(table):
    path = table("path,predicted\na,1\n./a,2\n")
    with pytest.raises(DataError, match="every path once .* found again 'a'"):
        read_predictions(path, with_mos=False)


def test_opinions_are_needed_without_a_data_set(table):
    with pytest.raises(DataError, match=r"expected the columns path, mos, predicted .* add mos"):
        read_predictions(table("path,predicted\na,1\n"), with_mos=True)
