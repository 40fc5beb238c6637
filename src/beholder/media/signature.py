"""First bytes of the formats we read: tells a damaged file from one that never was media."""

from __future__ import annotations

HEADER_BYTES = 4096

_SIGNATURES: tuple[tuple[int, bytes], ...] = (
    (0, b"\xff\xd8\xff"),  # JPEG
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"GIF8"),
    (0, b"BM"),
    (0, b"II*\0"),  # TIFF
    (0, b"MM\0*"),
    (0, b"RIFF"),  # WebP, AVI
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"OggS"),
    (0, b"FLV\x01"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF, WMV
    (0, b"\0\0\x01\xba"),  # MPEG program stream
    (0, b"\0\0\x01\xb3"),  # MPEG video
    (0, b"\0\0\0\x01"),  # H.264, HEVC elementary stream
    (0, b"DKIF"),  # IVF
    (0, b"YUV4MPEG2"),
    (4, b"ftyp"),  # MP4, MOV, AVIF
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"wide"),
    (4, b"free"),
)


def looks_like_media(header: bytes) -> bool:
    """Whether the first bytes of a file are those of an image or video format."""
    return any(header[at : at + len(magic)] == magic for at, magic in _SIGNATURES)
