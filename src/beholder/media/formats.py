"""Tables of what we read: file suffixes and FFmpeg's names of formats."""

from __future__ import annotations

IMAGE_SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".heic", ".heif", ".tif"),
        *(".tiff", ".bmp", ".jp2", ".j2k", ".jxl", ".ppm", ".pgm", ".pbm", ".pam", ".pcx"),
        *(".dpx", ".sgi", ".qoi"),
    )
)
"""Suffixes, in lower case, by which folders are searched for pictures."""

VIDEO_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg"),
        *(".vob", ".flv", ".wmv", ".asf", ".ogv", ".ogg", ".3gp", ".3g2", ".mxf", ".gif", ".apng"),
        *(".ivf", ".y4m", ".h264", ".264", ".avc", ".h265", ".265", ".hevc", ".obu", ".nut"),
        ".mjpeg",
    )
)
"""Suffixes, in lower case, by which folders are searched for video."""

IMAGE_DEMUXERS = frozenset(
    f"{name}_pipe"
    for name in (
        *("bmp", "dds", "dpx", "gif", "j2k", "jpeg", "jpegls", "jpegxl", "pam", "pbm", "pcx"),
        *("pgm", "png", "ppm", "qoi", "sgi", "sunrast", "tiff", "webp"),
    )
)
"""They deliver one still picture."""

ANIMATION_DEMUXERS = frozenset(("gif", "apng", "jpegxl_anim"))
"""A file of one frame is a picture. A frame builds on all earlier ones, whatever its flags say."""

UNTIMED_DEMUXERS = frozenset(
    (
        *("apng", "dirac", "dnxhd", "evc", "gif", "h261", "h263", "h264", "hevc", "m4v", "mjpeg"),
        *("mpegvideo", "obu", "vc1", "vvc"),
    )
)
"""Streams without a container: FFmpeg knows no duration, or guesses one from the bit rate."""

_CONTAINERS = frozenset(
    (
        *("3gp", "asf", "av1", "avi", "dv", "flv", "gxf", "ivf", "matroska", "mjpeg_2000", "mov"),
        *("mpeg", "mpegts", "mxf", "nut", "ogg", "rm", "wtv", "yuv4mpegpipe"),
    )
)
_AUDIO_DEMUXERS = frozenset(
    (
        *("aac", "ac3", "aiff", "amr", "ape", "au", "caf", "dts", "eac3", "flac", "mp3", "w64"),
        "wav",
    )
)
ALLOWED_DEMUXERS = (
    IMAGE_DEMUXERS | ANIMATION_DEMUXERS | UNTIMED_DEMUXERS | _CONTAINERS | _AUDIO_DEMUXERS
)
"""All that FFmpeg may open. Left out are those that read text as pictures, playlists that name
other files or addresses, and devices; sound is let in to be told what it is."""

STILL_BRANDS = frozenset(("avif", "mif1", "heic", "heix", "heim", "heis"))
"""Brands of ISO files that hold pictures and not tracks."""
