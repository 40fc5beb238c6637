"""CSV files as the data sets ship them: byte-order marks, trailing commas, blank lines.

Spreadsheets are read by `sheets`, MATLAB files by `mat`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from beholder.errors import DataError


def read_table(
    path: Path, columns: Sequence[str], *, optional: Sequence[str] = (), delimiter: str = ","
) -> list[dict[str, str]]:
    """Read named columns of a CSV file, in file order.

    Args:
        path: UTF-8, the first line being the header; columns without a name are ignored.
        columns: Names that must be there.
        optional: Names that are read where they are there.
        delimiter: What stands between two cells.

    Returns:
        One dictionary per line, values stripped of outer blanks.

    Raises:
        DataError: The file is missing or not text, a column is missing, a line is short, or
            there is no line at all.
    """
    lines = read_lines(path, delimiter=delimiter)
    header = [cell.strip() for cell in lines[0]] if lines else []
    missing = [name for name in columns if name not in header]
    if missing:
        raise DataError(
            f"expected the columns {', '.join(columns)} in {path}, "
            f"found {', '.join(header) or 'none'}; add {', '.join(missing)}"
        )
    wanted = {name: header.index(name) for name in (*columns, *optional) if name in header}
    if len(lines) < 2:
        raise DataError(f"expected at least one line under the header of {path}, found none")
    return [_pick(line, wanted, path) for line in lines[1:]]


def read_lines(path: Path, *, delimiter: str = ",") -> list[list[str]]:
    """Read the lines of a CSV file that hold anything, cells as they stand.

    Raises:
        DataError: The file is missing or not text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"expected a readable CSV file at {path}, found: {error}") from error
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [line for line in lines if any(map(str.strip, line))]


def read_number(text: str, name: str, path: Path) -> float:
    """Read one number of a table.

    Args:
        text: The cell.
        name: The item that it belongs to, for the error text.
        path: The table, for the error text.

    Returns:
        The number; it may be infinite or NaN, which `Row` refuses.

    Raises:
        DataError: The cell is not a number.
    """
    try:
        return float(text)
    except ValueError as error:
        raise DataError(
            f"expected a number for {name!r} in {path}, found {text!r}; correct that line"
        ) from error


def read_optional(line: Mapping[str, str], column: str, name: str, path: Path) -> float | None:
    """Read a number that may be absent.

    Args:
        line: Cells by column, e.g. of `read_table`.
        column: The column, which need not be there.
        name: The item that it belongs to, for the error text.
        path: The table, for the error text.

    Returns:
        The number, or None where there is no such column, or nothing in it.

    Raises:
        DataError: The cell holds something else.
    """
    text = line.get(column, "")
    return read_number(text, name, path) if text else None


def read_whole(line: Mapping[str, str], column: str, name: str, path: Path) -> int | None:
    """Read a whole number that may be absent, as `read_optional` does."""
    value = read_optional(line, column, name, path)
    return None if value is None else round(value)


def match_name(pattern: str, name: str, title: str) -> re.Match[str]:
    """Take the name of a file apart.

    Args:
        pattern: Regular expression of the whole name; letter case does not matter.
        name: The name.
        title: The data set, for the error text.

    Raises:
        DataError: The name is built otherwise.
    """
    match = re.fullmatch(pattern, name, re.IGNORECASE)
    if match is None:
        raise DataError(f"expected a name like {pattern}, found {name!r}; is this {title}?")
    return match


def _pick(line: list[str], wanted: dict[str, int], path: Path) -> dict[str, str]:
    if len(line) <= max(wanted.values()):
        raise DataError(
            f"expected {max(wanted.values()) + 1} columns or more in every line of {path}, "
            f"found {line}; correct that line"
        )
    return {name: line[index].strip() for name, index in wanted.items()}


def is_true(cell: str) -> bool:
    """Tell whether a cell says yes, as Python, spreadsheets and people write it."""
    return cell.lower() in ("true", "1", "1.0", "yes")
