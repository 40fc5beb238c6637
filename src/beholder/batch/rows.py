"""One row per input: the columns of the Parquet parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from beholder.batch.places import as_text

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def schema() -> pa.Schema:
    """Return the columns; those of a score are null for an error, and the reverse."""
    import pyarrow as pa

    text, real, whole = pa.string(), pa.float64(), pa.int32()
    return pa.schema(
        [
            ("path", text),
            ("status", text),
            ("kind", text),
            ("score", real),
            ("interval_low", real),
            ("interval_high", real),
            ("word", text),
            ("frames_used", whole),
            ("width_px", whole),
            ("height_px", whole),
            ("duration_seconds", real),
            ("fps", real),
            ("notes", pa.list_(text)),
            ("error", text),
            ("message", text),
            ("model", text),
            ("elapsed_seconds", real),
        ]
    )


def to_row(result: dict[str, Any], *, model: str, elapsed_seconds: float) -> Row:
    """Turn a result into a row.

    Args:
        result: In the schema of the command's JSON.
        model: Id of the model.
        elapsed_seconds: How long a worker was busy with it, fetching included; the one column
            that differs from run to run.
    """
    row = {name: result.get(name) for name in schema().names}
    row["path"] = as_text(result["path"])
    row["message"] = as_text(result["message"]) if "message" in result else None
    row["interval_low"], row["interval_high"] = result.get("interval", (None, None))
    row["model"] = model
    row["elapsed_seconds"] = round(elapsed_seconds, 3)
    return row


def to_table(rows: Iterable[Row]) -> pa.Table:
    """Put rows together."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema())
