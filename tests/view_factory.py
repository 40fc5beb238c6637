"""Specs and file facts shared by the tests of sampling."""

from __future__ import annotations

from beholder.records import ColorInfo, MediaInfo, ViewSpec

VIEW = ViewSpec(
    frames_per_second=1.0,
    min_frames=8,
    max_frames=32,
    whole_area_px=640 * 480,
    overview_area_px=512 * 288,
    detail_side_px=224,
    detail_short_side_px=720,
    image_details=4,
    frame_details=1,
    detail_weight=0.5,
    size_multiple_px=32,
    mean=(127.5, 127.5, 127.5),
    std=(128.0, 64.0, 32.0),
)


def video_info(*, duration_seconds: float | None, num_frames: int) -> MediaInfo:
    return MediaInfo(
        path="clip.mp4",
        kind="video",
        width_px=64,
        height_px=48,
        rotation_degrees=0,
        mirrored=False,
        fps=25.0,
        duration_seconds=duration_seconds,
        num_frames=num_frames,
        codec="h264",
        pixel_format="yuv420p",
        bits_per_channel=8,
        color=ColorInfo(full_range=False, matrix="bt709", primaries="bt709", transfer="sdr"),
        interlaced=False,
        has_alpha=False,
    )
