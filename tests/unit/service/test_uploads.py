"""Names of uploads are text; silence ends an upload."""

import asyncio

import pytest

from beholder.errors import UploadStalled
from beholder.service.settings import Limits
from beholder.service.uploads import clean_name, save_upload


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("clip.mp4", "clip.mp4"),
        ("C:\\clips\\a.mp4", "a.mp4"),
        ("/etc/passwd", "passwd"),
        ("a\x00\n\x1b[31m.mp4", "a[31m.mp4"),
        ("gp4.\u202exe", "gp4.xe"),
        ("", "unnamed"),
        ("..", ".."),
        ("Grüße 日本.mp4", "Grüße 日本.mp4"),
        ("x" * 1000, "x" * 255),
    ],
)
def test_name_keeps_what_a_person_can_read(name, shown):
    assert clean_name(name) == shown


def test_silent_sender_is_let_go(tmp_path):
    async def chunks():
        yield b"--b\r\n"
        await asyncio.sleep(60)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    limits = Limits(stall_seconds=0.05)
    with pytest.raises(UploadStalled, match=r"found silence for 0\.05 s"):
        asyncio.run(save_upload(headers, chunks(), tmp_path / "upload", limits=limits))
