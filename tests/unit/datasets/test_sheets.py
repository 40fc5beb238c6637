"""Labels in spreadsheets, with and without the package that reads them."""

import sys

import pytest

from beholder.datasets.sheets import find_sheet, read_sheet
from beholder.errors import DataError, MissingExtra
from tests.dataset_trees import write, write_sheet

LINES = [["Title"], [], [None, "Name", "Value"], [None, "a", 1.5], [None, None, 2], [None, 7, "x"]]


def test_the_header_may_stand_anywhere(tmp_path):
    write_sheet(tmp_path, "labels.xlsx", LINES, title="data")
    expected = [{"Name": "a", "Value": "1.5"}, {"Name": "7", "Value": "x"}]
    path = tmp_path / "labels.xlsx"
    assert read_sheet(path, ["Name", "Value"], sheet="data") == expected
    assert read_sheet(path, ["Name"], optional=["Value", "Spread"]) == expected


def test_a_saved_csv_goes_before_the_spreadsheet(tmp_path, monkeypatch):
    write_sheet(tmp_path, "labels.xlsx", LINES)
    write(tmp_path, "labels.csv", "Name,Value\nb,2\n,\n")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = find_sheet(tmp_path, "labels.xlsx")
    assert read_sheet(path, ["Name", "Value"]) == [{"Name": "b", "Value": "2"}]


def test_without_the_extra_the_way_to_it_is_told(tmp_path, monkeypatch):
    write_sheet(tmp_path, "labels.xlsx", LINES)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"'openpyxl'.*pip install 'beholder\[datasets\]'"):
        read_sheet(find_sheet(tmp_path, "labels.xlsx"), ["Name"])


def test_what_is_no_such_spreadsheet_is_refused(tmp_path):
    path = tmp_path / "labels.xlsx"
    with pytest.raises(
        DataError, match="found no such file; .*save the spreadsheet as 'labels.csv"
    ):
        read_sheet(path, ["Name"])
    path.write_text("no spreadsheet")
    with pytest.raises(DataError, match="expected a spreadsheet at .*, found: File is not a zip"):
        read_sheet(path, ["Name"])
    write_sheet(tmp_path, "labels.xlsx", LINES, title="data")
    with pytest.raises(DataError, match="a table 'MOS' in .*found data, notes"):
        read_sheet(path, ["Name"], sheet="MOS")
    with pytest.raises(DataError, match="a line with the titles MOS in .*, found none"):
        read_sheet(path, ["MOS"])
    write_sheet(tmp_path, "labels.xlsx", [["Name"]])
    with pytest.raises(DataError, match="at least one line under the header"):
        read_sheet(path, ["Name"])
