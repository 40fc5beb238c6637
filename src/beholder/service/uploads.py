"""A file in a multipart body goes to disk as it comes in, and is never whole in memory."""

from __future__ import annotations

import asyncio
import errno
import unicodedata
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from beholder.errors import BadRequest, StorageFull, UploadStalled, UploadTooLarge
from beholder.service.settings import Limits

FIELD = "file"
"""Name of the one part of an upload."""
_OVERHEAD_BYTES = 64 * 1024
"""What boundaries and headers may add to the file."""
_NAME_LENGTH = 255
_EXPECTED = f"expected a multipart/form-data body with one part {FIELD!r} that has a file name"
_ADVICE = "send it as: curl -F file=@clip.mp4 URL"


async def save_upload(
    headers: Mapping[str, str], chunks: AsyncIterator[bytes], path: Path, *, limits: Limits
) -> str:
    """Write the file of a multipart body to disk.

    Args:
        headers: Those of the request, with names in lower case.
        chunks: The body.
        path: Where to write; must not exist. What was written is left there on an error.
        limits: Size, and how long the sender may be silent.

    Returns:
        The file's name for people; it is no path.

    Raises:
        BadRequest: No such body, or not exactly one file in it.
        UploadTooLarge: More bytes than allowed; known from the header where it tells.
        UploadStalled: The sender went silent.
        StorageFull: The disk does not take it.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.upload_bytes + _OVERHEAD_BYTES:
        raise _too_large(limits)
    boundary = _read_boundary(headers.get("content-type", ""))
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            form = _Form(boundary, file, limits)
            async for chunk in _steadily(chunks, limits.stall_seconds):
                await asyncio.to_thread(form.feed, chunk)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise StorageFull(
            f"expected room for the upload, found: {error.strerror}; "
            "free some space in the service's --state folder"
        ) from error
    return form.end()


def clean_name(name: str) -> str:
    r"""Make a name for people out of what a sender claims: no folders, no control characters.

    >>> clean_name("C:\\clips\\a.mp4"), clean_name("../../etc/passwd")
    ('a.mp4', 'passwd')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return shown[:_NAME_LENGTH] or "unnamed"


class _Form:
    """Reads a multipart body in pieces and writes the bytes of its one file."""

    def __init__(self, boundary: bytes, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._header = (b"", b"")
        self._name: str | None = None
        self._size_bytes = 0
        self._is_whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_field,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_data,
                "on_end": self._on_end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise BadRequest(f"{_EXPECTED}, found: {error}; {_ADVICE}") from error

    def end(self) -> str:
        """Say that the body is over, and get the file's name."""
        if self._name is None:
            raise BadRequest(f"{_EXPECTED}, found none; {_ADVICE}")
        if not self._is_whole:
            raise BadRequest(
                "expected a whole multipart body, found that its end is missing; send it again"
            )
        return self._name

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _on_header_end(self) -> None:
        field, value = self._header
        self._header = (b"", b"")
        if field.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        part = options.get(b"name", b"").decode("utf-8", "replace")
        if part != FIELD or b"filename" not in options or self._name is not None:
            raise BadRequest(
                f"{_EXPECTED}, found the part {part!r} beside or without it; {_ADVICE}"
            )
        self._name = clean_name(options[b"filename"].decode("utf-8", "replace"))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._size_bytes += end - start
        if self._name is None:
            raise BadRequest(f"{_EXPECTED}, found a part without a name; {_ADVICE}")
        if self._size_bytes > self._limits.upload_bytes:
            raise _too_large(self._limits)
        self._file.write(data[start:end])

    def _on_end(self) -> None:
        self._is_whole = True


async def _steadily(chunks: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    """Pass chunks on; refuse to wait longer than that for one."""
    while True:
        try:
            yield await asyncio.wait_for(anext(chunks), seconds)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect) as error:
            raise UploadStalled(
                f"expected an upload that goes on, found silence for {seconds:g} s or a closed "
                "connection; send it again"
            ) from error


def _read_boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        found = content_type or "none"
        raise BadRequest(f"{_EXPECTED}, found the content type {found!r}; {_ADVICE}")
    return boundary


def _too_large(limits: Limits) -> UploadTooLarge:
    return UploadTooLarge(
        f"expected a file of at most {limits.upload_bytes / 2**20:g} MB, found a larger one; "
        "shrink it, or score it with: beholder score"
    )
