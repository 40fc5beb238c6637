"""From a path to frames. `probe` describes a file, `decode` yields the frames a plan asks for."""

from beholder.media.decode import decode
from beholder.media.formats import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from beholder.media.probe import probe

__all__ = ["IMAGE_SUFFIXES", "VIDEO_SUFFIXES", "decode", "probe"]
