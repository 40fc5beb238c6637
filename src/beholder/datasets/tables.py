"""CSV files as the data sets ship them: byte-order marks, trailing commas, blank lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from beholder.errors import DataError


def read_table(
    path: Path, columns: Sequence[str], *, optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Read named columns of a CSV file, in file order.

    Args:
        path: UTF-8, the first line being the header; columns without a name are ignored.
        columns: Names that must be there.
        optional: Names that are read where they are there.

    Returns:
        One dictionary per line, values stripped of outer blanks.

    Raises:
        DataError: The file is missing or not text, a column is missing, a line is short, or
            there is no line at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"expected a readable CSV file at {path}, found: {error}") from error
    lines = [
        line for line in csv.reader(io.StringIO(text, newline="")) if any(map(str.strip, line))
    ]
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
            f"expected a number as mean opinion of {name!r} in {path}, "
            f"found {text!r}; correct that line"
        ) from error


def _pick(line: list[str], wanted: dict[str, int], path: Path) -> dict[str, str]:
    if len(line) <= max(wanted.values()):
        raise DataError(
            f"expected {max(wanted.values()) + 1} columns or more in every line of {path}, "
            f"found {line}; correct that line"
        )
    return {name: line[index].strip() for name, index in wanted.items()}
