"""What the numbers of a picture mean, and from them to 8-bit RGB in full range."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from beholder.errors import NotMedia
from beholder.media.hdr import needs_conversion
from beholder.media.planes import planar_to_sdr
from beholder.records import ColorInfo

_UNTAGGED = (0, 2, 3)  # "RGB" on a picture that is not RGB, unspecified, reserved
# FFmpeg's AVCOL_SPC_*: SMPTE 240M (7) differs from BT.709 by less than a level.
_MATRICES = {
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "bt709",
    9: "bt2020",
    10: "bt2020",
}
# AVCOL_PRI_*
_PRIMARIES = {
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "bt601",
    9: "bt2020",
    11: "p3",
    12: "p3",
}
# AVCOL_TRC_*
_TRANSFERS = {16: "pq", 18: "hlg"}

_SWS_MATRICES = {
    "bt709": Colorspace.ITU709,
    "bt601": Colorspace.ITU601,
    "bt2020": Colorspace.BT2020,
}
# Measured against the analytic conversion: without these two, swscale takes a fast path that is
# off by up to three levels and repeats chroma samples; with them it is within one level.
_ACCURATE = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def interpret_color(frame: av.VideoFrame, *, is_image: bool) -> ColorInfo:
    """Read the colour tags of a frame and fill the gaps as players do.

    An untagged matrix is BT.601 for pictures (JFIF, WebP, MIAF) and for small video, BT.709 for
    video at least 1280 wide or more than 576 high (the rule of mpv). Untagged video is limited
    range, pictures and RGB are full range.

    Raises:
        NotMedia: The matrix is one that we cannot undo (YCgCo, ICtCp).
    """
    is_rgb = frame.format.is_rgb
    full_range = (
        is_rgb or frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    )
    if frame.color_range == ColorRange.UNSPECIFIED and is_image:
        full_range = True
    return ColorInfo(
        full_range=full_range,
        matrix="rgb" if is_rgb else _matrix(frame, is_image=is_image),
        primaries=_PRIMARIES.get(frame.color_primaries, "bt709"),
        transfer=_TRANSFERS.get(frame.color_trc, "sdr"),
    )


def _matrix(frame: av.VideoFrame, *, is_image: bool) -> str:
    tag = frame.colorspace
    if tag in _MATRICES:
        return _MATRICES[tag]
    if tag not in _UNTAGGED:
        raise NotMedia(
            f"expected a BT.601, BT.709, BT.2020 or RGB picture, found colour matrix number "
            f"{tag} of FFmpeg; convert the file to BT.709"
        )
    is_high_definition = not is_image and (frame.width >= 1280 or frame.height > 576)
    return "bt709" if is_high_definition else "bt601"


def to_rgb(
    frame: av.VideoFrame,
    color: ColorInfo,
    *,
    size: tuple[int, int],
    reformatter: VideoReformatter,
) -> np.ndarray:
    """Convert a frame to RGB as it would be seen on white paper.

    Args:
        frame: As decoded.
        color: How to read it.
        size: (width, height) to which non-square samples are stretched.
        reformatter: Kept by the caller, because setting one up costs more than a small picture.

    Returns:
        uint8 [H, W, 3].
    """

    def reformat(pixel_format: str) -> av.VideoFrame:
        return _reformat(frame, color, size, pixel_format, reformatter)

    if needs_conversion(color):
        pixels = planar_to_sdr(reformat(_planar_format(frame, color)), color)
    else:
        pixels = reformat("rgb24").to_ndarray()
    if pixel_format_has_alpha(frame.format.name):
        rgba: np.ndarray = reformat("rgba").to_ndarray()
        pixels = over_white(pixels, rgba[..., 3])
    return pixels


def _reformat(
    frame: av.VideoFrame,
    color: ColorInfo,
    size: tuple[int, int],
    pixel_format: str,
    reformatter: VideoReformatter,
) -> av.VideoFrame:
    is_resized = size != (frame.width, frame.height)
    interpolation = Interpolation.BICUBIC if is_resized else Interpolation.BILINEAR
    matrix = _SWS_MATRICES.get(color.matrix, Colorspace.ITU601)
    coded_range = ColorRange.JPEG if color.full_range else ColorRange.MPEG
    return reformatter.reformat(
        frame,
        width=size[0],
        height=size[1],
        format=pixel_format,
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=coded_range,
        dst_color_range=coded_range if pixel_format.startswith("yuv") else ColorRange.JPEG,
        interpolation=interpolation | _ACCURATE,
    )


def _planar_format(frame: av.VideoFrame, color: ColorInfo) -> str:
    """The format with full-size planes and at least as many bits as the frame."""
    bits = max(component.bits for component in frame.format.components)
    depth = next(depth for depth in (8, 10, 12, 16) if depth >= min(bits, 16))
    family = "gbrp" if color.matrix == "rgb" else "yuv444p"
    return family if depth == 8 else f"{family}{depth}le"


def pixel_format_has_alpha(name: str) -> bool:
    """Whether a pixel format can carry transparency."""
    return name == "pal8" or name.startswith(("yuva", "ya", "gbra", "rgba", "bgra", "argb", "abgr"))


def is_transparent(frame: av.VideoFrame) -> bool:
    """Whether any pixel of a frame lets the background through."""
    if not pixel_format_has_alpha(frame.format.name):
        return False
    rgba: np.ndarray = frame.reformat(format="rgba").to_ndarray()
    return bool((rgba[..., 3] < 255).any())


def over_white(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay pixels with straight alpha on white.

    Args:
        pixels: uint8 [H, W, 3].
        alpha: uint8 [H, W], 255 is opaque.

    Returns:
        uint8 [H, W, 3], rounded to nearest.
    """
    result = pixels.copy()
    for row, (colors, share) in enumerate(
        zip(pixels, alpha[..., None].astype(np.uint16), strict=True)
    ):
        result[row] = (colors * share + 255 * (255 - share) + 127) // 255
    return result
