"""Public SwinV2 weights give the authors' numbers in our stages, whoever's layout they have."""

import pytest
import torch
from safetensors.torch import save_file

from beholder.errors import DataError
from beholder.models.c2f_sizes import SpatialSize
from beholder.models.c2f_swin import SwinStages, load_public
from tests.golden_files import agree, load, needs_golden, part

pytestmark = [
    pytest.mark.shared,
    needs_golden,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def size(kwargs):
    return SpatialSize(
        side_px=kwargs["img_size"],
        window=kwargs["window_size"],
        width=kwargs["embed_dim"],
        depths=tuple(kwargs["depths"]),
        heads=tuple(kwargs["num_heads"]),
        fusion_dropout=0.0,
    )


@pytest.mark.parametrize("name", ["swinv2_w4_64", "swinv2_w4_128"])
def test_the_last_map_is_the_authors(name, tmp_path):
    tensors, entry = load(name)
    save_file(part(tensors, "sd."), tmp_path / "public.safetensors")
    stages = SwinStages(size(entry["kwargs"])).eval()
    load_public(stages, tmp_path / "public.safetensors")
    with torch.inference_mode():
        maps = stages(tensors["in.x"])
    agree(maps[-1].flatten(2).transpose(1, 2), tensors["out.stage3"], entry)
    side = 2 * maps[0].shape[-1]
    with torch.inference_mode():
        merged = stages.swin.layers[1].downsample(tensors["out.stage0"].unflatten(1, (side, side)))
    agree(maps[0], merged.permute(0, 3, 1, 2), entry)


def test_layouts_of_timm_and_of_the_authors_are_the_same_network(tmp_path):
    maps = []
    for layout in ("upstream", "timm"):
        tensors, entry = load(f"swinv2_layout_{layout}")
        save_file(part(tensors, "sd."), tmp_path / "public.safetensors")
        stages = SwinStages(size(entry["kwargs"])).eval()
        load_public(stages, tmp_path / "public.safetensors")
        with torch.inference_mode():
            maps.append(stages(tensors["in.x"])[-1])
    assert torch.equal(*maps)


def test_weights_of_another_size_are_refused(tmp_path):
    tensors, _ = load("swinv2_w4_64")
    save_file(part(tensors, "sd."), tmp_path / "public.safetensors")
    _, other = load("swinv2_layout_timm")
    with pytest.raises(DataError, match="expected weights of this SwinV2"):
        load_public(SwinStages(size(other["kwargs"])), tmp_path / "public.safetensors")
