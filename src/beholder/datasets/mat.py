"""Labels in MATLAB files (up to version 7.2, which SciPy reads without running anything)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError


def read_mat(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Read named variables of a MATLAB file.

    Args:
        path: The file.
        names: Variables that must be there.

    Returns:
        Name to value, without axes of length one; a structure has its fields as attributes.

    Raises:
        DataError: The file is missing or no MATLAB file, or a variable is not in it.
    """
    # Loading SciPy takes longer than most commands.
    from scipy.io import loadmat

    try:
        found = loadmat(path, squeeze_me=True, struct_as_record=False, variable_names=list(names))
    except (OSError, ValueError, TypeError, NotImplementedError) as error:
        raise DataError(
            f"expected a MATLAB file at {path}, found: {error}; copy the data set again"
        ) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(
            f"expected the variables {', '.join(names)} in {path}, found no {', '.join(missing)}; "
            "is this the label file of that data set?"
        )
    return {name: found[name] for name in names}


def as_texts(values: Any) -> list[str]:
    """Turn a cell array of texts into a list."""
    return [str(value).strip() for value in np.atleast_1d(values)]


def as_numbers(values: Any) -> npt.NDArray[np.float64]:
    """Turn a row or column of numbers into float64 [items]."""
    return np.asarray(values, dtype=np.float64).reshape(-1)


def check_lengths(path: Path, **columns: Sequence[Any] | npt.NDArray[Any]) -> None:
    """Refuse columns of different lengths.

    Raises:
        DataError: They differ; the text says how.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise DataError(
            f"expected as many values in every variable of {path}, found {found}; "
            "copy the data set again"
        )
