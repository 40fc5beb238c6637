"""Image towers of open_clip: the embedding that is compared with text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.torch_shim import ensure_torchvision
from beholder.errors import MissingExtra, UnknownName
from beholder.pool.entry import PoolEntry
from beholder.pool.loaded import LoadedModel
from beholder.pool.torch_run import crop_spec, freeze, no_weights
from beholder.pool.torch_weights import load_into

_TOWER = "visual."


def load(entry: PoolEntry) -> LoadedModel:
    """Load a tower by `ARCHITECTURE/TAG`, e.g. `ViT-B-32/openai`.

    Raises:
        MissingExtra: open_clip is not installed.
        UnknownName: It has no such architecture or tag.
        ModelError: Its weights cannot be had or do not fit.
    """
    ensure_torchvision()
    try:
        import open_clip
    except ImportError as error:
        raise MissingExtra("open_clip_torch", "zoo") from error
    name, _, tag = entry.model.rpartition("/")
    facts = open_clip.get_pretrained_cfg(name, tag)
    if name not in open_clip.list_models() or not facts:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
        raise UnknownName(
            f"expected ARCHITECTURE/TAG of open_clip, found {entry.model!r}; tags of {name!r}: "
            f"{tags}"
        )
    tower = _build(open_clip, entry, name, facts).visual
    size = tower.image_size[0] if isinstance(tower.image_size, tuple) else tower.image_size
    mean = facts.get("mean") or open_clip.OPENAI_DATASET_MEAN
    std = facts.get("std") or open_clip.OPENAI_DATASET_STD
    return freeze(entry, tower, crop_spec(size, size, mean, std), library="open_clip_torch")


def _build(open_clip: Any, entry: PoolEntry, name: str, facts: dict[str, Any]) -> Any:
    tag = None if entry.weights else entry.model.rpartition("/")[2]
    quick = bool(facts.get("quick_gelu"))
    try:
        model = open_clip.create_model(
            name, pretrained=tag, force_quick_gelu=quick, pretrained_hf=False, load_weights=True
        )
    except Exception as error:  # hub and HTTP errors share no base class
        where = facts.get("url") or f"https://huggingface.co/{facts.get('hf_hub', '')}"
        raise no_weights(entry, where, error) from error
    if entry.weights:
        path = Path(entry.weights)
        state = read_checkpoint(path)
        # A file of the whole model and one of the tower alone are both fine.
        own = {n.removeprefix(_TOWER): v for n, v in state.items() if n.startswith(_TOWER)}
        load_into(model.visual, own or state, path=path)
    return model
