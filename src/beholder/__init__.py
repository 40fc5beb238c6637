"""Score how good an image or a video looks to people, without a reference.

>>> from beholder import Scorer
>>> Scorer().score("clip.mp4").score  # doctest: +SKIP
71.3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beholder.errors import BeholderError
    from beholder.records import Score
    from beholder.scoring import Scorer

__all__ = ["BeholderError", "Score", "Scorer", "__version__"]

_HOMES = {
    "BeholderError": "beholder.errors",
    "Score": "beholder.records",
    "Scorer": "beholder.scoring",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import beholder` stays quick."""
    from importlib import import_module, metadata

    if name == "__version__":
        return metadata.version("beholder")
    if name not in _HOMES:
        raise AttributeError(f"module 'beholder' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
