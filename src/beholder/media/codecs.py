"""Which decoders and encoders the FFmpeg inside PyAV has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import av
from av.codec.codec import UnknownCodecError


def library_versions() -> dict[str, str]:
    """Return the versions of FFmpeg's libraries, e.g. `libavcodec` to `62.11.100`."""
    return {name: ".".join(map(str, parts)) for name, parts in sorted(av.library_versions.items())}


def find_codecs(names: Iterable[str], *, mode: Literal["r", "w"]) -> dict[str, bool]:
    """Say of each codec's name whether it is there, to decode (`r`) or to encode (`w`)."""
    return {name: _is_there(name, mode) for name in names}


def _is_there(name: str, mode: Literal["r", "w"]) -> bool:
    try:
        av.Codec(name, mode)
    except UnknownCodecError:
        return False
    return True
