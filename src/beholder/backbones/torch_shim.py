"""Makes `import torchvision` work beside a torch without CUDA.

The wheels of torchvision that match some CPU builds of torch hold a C++ extension for CUDA only.
It does not load, and the import then dies on two operators that nobody declared. Declared first,
everything but these operators and the image decoders works.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

import torch

from beholder.errors import MissingExtra

_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@lru_cache(maxsize=1)
def ensure_torchvision() -> torch.library.Library | None:
    """Import torchvision, declaring its operators first where its own extension cannot load.

    Returns:
        What holds the declarations, which must stay alive; None where none were needed.

    Raises:
        MissingExtra: torchvision is not installed.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        raise MissingExtra("torchvision", "zoo")
    library = None
    if "torchvision" not in sys.modules and not _extension_loads(Path(found.origin).parent):
        library = torch.library.Library("torchvision", "DEF")
        for name in _OPERATORS:
            library.define(f"{name}{_SCHEMA}")
    importlib.import_module("torchvision")
    return library


def _extension_loads(folder: Path) -> bool:
    for path in sorted([*folder.glob("_C*.so"), *folder.glob("_C*.pyd")]):
        try:
            torch.ops.load_library(path)
        except OSError:
            continue
        return True
    return False
