"""Labels in spreadsheets: the first table of an .xlsx file, or what was saved from it as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from beholder.datasets.tables import read_lines
from beholder.errors import DataError, MissingExtra

EXTRA = "datasets"


def find_sheet(root: Path, name: str) -> Path:
    """Find a spreadsheet, or a CSV file of the same name that was saved from it.

    Args:
        root: Folder of the data set.
        name: Path of the spreadsheet below it, ending in `.xlsx`.

    Returns:
        The CSV file where it is there, because reading it needs no extra; else the spreadsheet.
    """
    exported = (root / name).with_suffix(".csv")
    return exported if exported.is_file() else root / name


def read_sheet(
    path: Path, columns: Sequence[str], *, optional: Sequence[str] = (), sheet: str | None = None
) -> list[dict[str, str]]:
    """Read named columns; the header may stand below a title and right of empty columns.

    Args:
        path: `.xlsx` file, or `.csv` file saved from it.
        columns: Names that the header must have.
        optional: Names that are read where they are there.
        sheet: Name of the table inside the spreadsheet; the first one by default.

    Returns:
        One dictionary per line below the header that has something in the first of `columns`.

    Raises:
        DataError: The file is missing or no spreadsheet, or has no such header or no lines.
        MissingExtra: It is a spreadsheet, and the package that reads it is not installed.
    """
    lines = read_lines(path) if path.suffix == ".csv" else _spreadsheet(path, sheet)
    cells = [[cell.strip() for cell in line] for line in lines]
    start = next((i for i, line in enumerate(cells) if set(columns) <= set(line)), None)
    if start is None:
        raise DataError(
            f"expected a line with the titles {', '.join(columns)} in {path}, found none; "
            "is this the label file of that data set?"
        )
    header = cells[start]
    wanted = {name: header.index(name) for name in (*columns, *optional) if name in header}
    rows = [_pick(line, wanted) for line in cells[start + 1 :]]
    rows = [row for row in rows if row[columns[0]]]
    if not rows:
        raise DataError(f"expected at least one line under the header of {path}, found none")
    return rows


def _spreadsheet(path: Path, sheet: str | None) -> list[list[str]]:
    if not path.is_file():
        raise DataError(
            f"expected a spreadsheet at {path}, found no such file; copy the data set again, or "
            f"save the spreadsheet as {path.with_suffix('.csv').name!r}"
        )
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise MissingExtra("openpyxl", EXTRA) from error
    from zipfile import BadZipFile

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(f"expected a spreadsheet at {path}, found: {error}") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise DataError(
                f"expected a table {sheet!r} in {path}, found {', '.join(book.sheetnames)}"
            )
        table = book[sheet] if sheet is not None else book.worksheets[0]
        return [_texts(line) for line in table.iter_rows(values_only=True)]
    finally:
        book.close()


def _texts(line: Iterable[object]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in line]


def _pick(line: list[str], wanted: dict[str, int]) -> dict[str, str]:
    return {name: line[i] if i < len(line) else "" for name, i in wanted.items()}
