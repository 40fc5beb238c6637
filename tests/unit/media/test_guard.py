"""Every kind of bad path and bad file ends in its own error; nothing hangs and nothing else
escapes."""

from __future__ import annotations

import os
import socket
import struct
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from beholder.errors import (
    Damaged,
    EmptyFile,
    MediaError,
    NoPermission,
    NotAFile,
    NotFound,
    NotMedia,
    NoVideoStream,
    TooLarge,
)
from beholder.media import decode, probe
from beholder.media.container import open_media, translated_errors
from beholder.records import FramePlan
from tests.media_factory import make_image, make_video


def noise(seed: int = 0) -> np.ndarray:
    """A picture that does not compress, so that a cut takes away pixels."""
    return np.random.default_rng(seed).integers(0, 256, (96, 128, 3), np.uint8)


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="found nothing at this path; check the spelling"):
        probe(tmp_path / "missing.mp4")
    with pytest.raises(NotFound, match="found nothing"):
        probe("a\0b")
    (tmp_path / "plain").write_bytes(b"x")
    with pytest.raises(NotFound, match="found nothing"):
        probe(tmp_path / "plain" / "below.mp4")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = make_image(tmp_path / "a.png")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(NoPermission, match="found no permission; change its access rights"):
        probe(path)


def test_what_is_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    listener.close()
    for name, kind in (
        ("fifo", "a FIFO"),
        ("socket", "a socket"),
        ("", "a folder"),
        ("/dev/null", "a device"),
    ):
        with pytest.raises(NotAFile, match=f"expected a plain file, found {kind}"):
            probe(tmp_path / name)


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NotAFile, match="found: Too many levels of symbolic links"):
        probe(tmp_path / "loop")


def test_zero_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(EmptyFile, match="found a file of zero bytes"):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "content",
    [
        b"Just a text.\nWith lines.\n" * 40,
        "Un texte en UTF-16\n".encode("utf-16") * 40,
        b"BMW and Bonn are two words that begin like a bitmap.\n",
        b"<html><body>404 not found</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"1\n00:00:01,000 --> 00:00:02,000\nsubtitle\n\n",
        b"WEBVTT\n\n00:01.000 --> 00:02.000\nsubtitle\n",
        b"[Script Info]\nTitle: x\n[Events]\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        b"%PDF-1.4\n",
        b"\0" * 50_000,
        np.random.default_rng(0).bytes(50_000),
        b"\xff",
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.png"])
def test_what_is_not_media(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        NotMedia, match="expected an image or video, found a format that is neither"
    ):
        probe(tmp_path / name)


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "wav"])
def test_sound_only(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(NoVideoStream, match="expected a picture, found only: audio;"):
        probe(make_sound(tmp_path / f"a.{suffix}"))


def test_cover_art_is_not_a_video(tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "a.mp3").read_bytes()
    cover = make_image(tmp_path / "a.jpg").read_bytes()
    frame = b"\0image/jpeg\0\x03\0" + cover
    frame = b"APIC" + struct.pack(">IH", len(frame), 0) + frame
    length = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    (tmp_path / "b.mp3").write_bytes(b"ID3\3\0\0" + length + frame + sound)
    with pytest.raises(NoVideoStream, match="found only: audio, cover art;"):
        probe(tmp_path / "b.mp3")


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "bmp", "gif", "avif"])
def test_a_cut_picture_is_damaged(tmp_path: Path, suffix: str, share: float) -> None:
    path = make_image(tmp_path / f"a.{suffix}", noise())
    assert probe(path).kind == "image"
    with pytest.raises(Damaged, match="; copy or export"):
        probe(cut(path, share))


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "muxer_options"),
    [
        ("a.mp4", "libx264", "yuv420p", {}),
        ("b.mp4", "libx264", "yuv420p", {"movflags": "faststart"}),
        ("c.mp4", "libx264", "yuv420p", {"movflags": "frag_keyframe+empty_moov"}),
        ("a.mov", "png", "rgb24", {}),
        ("a.mkv", "libx264", "yuv420p", {}),
        ("a.webm", "libvpx-vp9", "yuv420p", {}),
        ("a.avi", "mjpeg", "yuvj420p", {}),
        ("a.gif", "gif", "rgb8", {}),
        ("a.apng", "apng", "rgb24", {}),
    ],
)
def test_a_cut_video_is_damaged(
    tmp_path: Path,
    name: str,
    codec: str,
    pixel_format: str,
    muxer_options: dict[str, str],
    share: float,
) -> None:
    path = make_video(
        tmp_path / name,
        codec=codec,
        pixel_format=pixel_format,
        container_options=muxer_options,
        pictures=[noise(n) for n in range(12)],
    )
    assert probe(path).num_frames == 10
    with pytest.raises(Damaged, match="copy or export"):
        probe(cut(path, share))


def test_junk_after_the_end_does_no_harm(tmp_path: Path) -> None:
    for path in (
        make_image(tmp_path / "a.jpg"),
        make_image(tmp_path / "a.png"),
        make_video(tmp_path / "a.mp4"),
    ):
        path.write_bytes(path.read_bytes() + b"\0" * 77)
        info = probe(path)
        assert len(list(decode(info, FramePlan(times_us=(0,))))) == 1


def test_an_mp4_without_its_index(tmp_path: Path) -> None:
    content = make_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(content[: content.index(b"moov") - 4])
    with pytest.raises(Damaged, match="found a beginning that cannot be opened"):
        probe(tmp_path / "a.mp4")


def test_a_few_bad_packets_are_glitches_and_many_are_damage(tmp_path: Path) -> None:
    path = make_video(
        tmp_path / "a.avi",
        codec="mjpeg",
        pixel_format="yuvj420p",
        num_frames=40,
        pictures=[noise()] * 40,
    )
    content = path.read_bytes()
    starts = [n for n in range(len(content) - 3) if content[n : n + 3] == b"\xff\xd8\xff"]
    plan = FramePlan(times_us=tuple(range(0, 1_300_000, 33_334)))

    def break_packets(numbers: range) -> None:
        broken = bytearray(content)
        for number in numbers:
            broken[starts[number] : starts[number] + 2000] = bytes(2000)
        path.write_bytes(broken)

    break_packets(range(5, 8))
    assert len(list(decode(probe(path), plan))) == len(plan.times_us)
    break_packets(range(1, 40))
    with pytest.raises(Damaged, match="found: Invalid data"):
        list(decode(probe(path), plan))


def test_headers_cut_at_every_byte(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "webp", "tiff", "gif", "bmp", "avif"):
        content = make_image(tmp_path / f"a.{suffix}", (16, 16)).read_bytes()
        if suffix == "webp":
            content = webp_header(16, 16, tmp_path / "a.webp")
        for length in range(1, min(len(content), 200)):
            (tmp_path / "cut").write_bytes(content[:length])
            with pytest.raises(MediaError, match="; (copy|check|shrink)"):
                probe(tmp_path / "cut")


def png_header(width_px: int, height_px: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def jpeg_header(width_px: int, height_px: int, path: Path) -> bytes:
    content = make_image(path).read_bytes()
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height_px, width_px) + content[at + 4 :]


def tiff_header(width_px: int, height_px: int, path: Path) -> bytes:
    content = bytearray(make_image(path).read_bytes())
    (directory,) = struct.unpack_from("<I", content, 4)
    for at in range(directory + 2, directory + 2 + 12 * content[directory], 12):
        (tag,) = struct.unpack_from("<H", content, at)
        if tag in (256, 257):
            struct.pack_into("<HII", content, at + 2, 4, 1, width_px if tag == 256 else height_px)
    return bytes(content)


def webp_header(width_px: int, height_px: int, path: Path) -> bytes:
    chunks = make_image(path).read_bytes()[12:]
    size = (width_px - 1).to_bytes(3, "little") + (height_px - 1).to_bytes(3, "little")
    body = struct.pack("<4sII", b"VP8X", 10, 0) + size + chunks
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize("size", [(60_000, 60_000), (16_384, 16_384)])
@pytest.mark.parametrize("kind", ["png", "jpg", "tiff", "webp", "gif", "bmp"])
def test_a_forged_size_is_refused_before_decoding(
    tmp_path: Path, kind: str, size: tuple[int, int]
) -> None:
    path = tmp_path / f"a.{kind}"
    content = {
        "png": lambda: png_header(*size),
        "jpg": lambda: jpeg_header(*size, path),
        "tiff": lambda: tiff_header(*size, path),
        "webp": lambda: webp_header(*size, path),
        "gif": lambda: b"GIF89a" + struct.pack("<HH", *size) + make_image(path).read_bytes()[10:],
        "bmp": lambda: (
            b"BM" + struct.pack("<IIIIii", 0, 0, 54, 40, size[0], -size[1]) + bytes(2000)
        ),
    }[kind]()
    path.write_bytes(content)
    with pytest.raises(TooLarge, match=f"the header says {size[0]} x {size[1]}; shrink"):
        probe(path)


def test_a_forged_size_inside_a_video_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.avi", codec="mjpeg", pixel_format="yuvj420p")
    content = path.read_bytes()
    size = struct.pack(">HH", 96, 128)
    assert content.count(size) == 10
    path.write_bytes(content.replace(size, struct.pack(">HH", 30_000, 30_000)))
    with pytest.raises(Damaged, match="found none that can be decoded"):
        probe(path)


@pytest.mark.parametrize(
    "name",
    [
        "-a.mp4",
        "with space.mp4",
        'it\'s "quoted".mp4',
        "new\nline.mp4",
        "a:b.mp4",
        "http:x.mp4",
        "%03d.png",
        "*.png",
        "ünï.mp4",
    ],
)
def test_names_are_taken_literally(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_video(tmp_path / "plain.mp4").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    info = probe(name)
    assert (info.path, info.num_frames) == (name, 10)
    assert len(list(decode(info, FramePlan(times_us=(0, 200_000))))) == 2


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp4")
    make_video(tmp_path / "plain.mp4").rename(path)
    assert probe(path).num_frames == 10


def test_no_exception_of_ffmpeg_or_memory_escapes(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.png")
    with pytest.raises(Damaged, match="found: broken"), open_media(str(path)):
        raise av.error.InvalidDataError(1, "broken")
    with pytest.raises(Damaged, match="found: Operation not supported"), translated_errors():
        raise av.error.OSError(95, "Operation not supported")
    with pytest.raises(Damaged, match="found: too far"), translated_errors():
        raise OverflowError("too far")
    with pytest.raises(TooLarge, match="found no memory"), open_media(str(path)):
        raise MemoryError


def test_files_are_closed(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        frames = decode(probe(path), FramePlan(times_us=(0, 100_000)))
        next(frames)
        frames.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def make_sound(path: Path) -> Path:
    codec = {".mp3": "libmp3lame", ".m4a": "aac", ".wav": "pcm_s16le"}[path.suffix]
    with av.open(str(path), "w", format="ipod" if path.suffix == ".m4a" else None) as container:
        stream = container.add_stream(codec, rate=44_100)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((2, 44_100), np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_the_pixel_limit_holds_where_only_the_stream_tells_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_video(tmp_path / "a.mkv")
    monkeypatch.setattr("beholder.media.container.MAX_PIXELS", 1000)
    with pytest.raises(Damaged, match="found: Invalid argument"):
        probe(clip)
    monkeypatch.setattr("beholder.media.guard.MAX_PIXELS", 1000)
    with pytest.raises(TooLarge, match="expected at most 1000 pixels, the header says 128 x 96"):
        probe(clip)
