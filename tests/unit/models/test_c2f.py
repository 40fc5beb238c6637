"""The modules of coarse to fine: shapes, places, pooling, public weights."""

import math

import pytest
import torch

from beholder.errors import UnknownName, UsageError
from beholder.models import c2f, c2f_sizes
from beholder.models.c2f_attention import FusionLayer, sine_places
from beholder.models.c2f_sizes import SIZES, SpatialSize, find_size
from beholder.models.c2f_spatial import C2fSpatial, L2Pooling, StageFusion, build
from beholder.models.c2f_swin import SwinStages, load_public
from beholder.models.c2f_temporal import WIDTH
from beholder.models.networks import build_network

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TINY = SpatialSize(
    side_px=64, window=4, width=8, depths=(1, 2, 1, 1), heads=(1, 1, 2, 2), fusion_dropout=0.1
)


@pytest.fixture(scope="module")
def spatial():
    torch.manual_seed(0)
    return C2fSpatial(TINY).eval()


def test_stages_give_four_maps_as_the_fusion_wants_them(spatial):
    maps = spatial.stages(torch.zeros(2, 3, 64, 64))
    shapes = [(2, 16, 8, 8), (2, 32, 4, 4), (2, 64, 2, 2), (2, 64, 2, 2)]
    assert [tuple(each.shape) for each in maps] == shapes
    tokens = spatial.fusion.tokens(maps)
    assert tokens.shape == (2, 4, 16 + 32 + 64 + 64)
    assert tuple(each.shape[1] for each in maps) == TINY.stage_widths


def test_tokens_keep_their_places(spatial):
    # A map that is bright in one corner only gives a bright token in that corner only.
    maps = [
        torch.zeros(1, width, side, side) for width, side in ((16, 8), (32, 4), (64, 2), (64, 2))
    ]
    maps[0][0, :, 0, 7] = 1.0
    tokens = spatial.fusion.tokens(maps)[0, :, :16].norm(dim=1)
    assert tokens.argmax() == 1
    assert tokens[2] < 1e-4


def test_features_join_local_and_global(spatial):
    views = torch.rand(3, 3, 64, 64)
    with torch.inference_mode():
        features = spatial.features(views)
        assert features.shape == (3, TINY.features)
        torch.testing.assert_close(features[:, :64], spatial.stages(views)[-1].mean((2, 3)))
        torch.testing.assert_close(spatial(views), spatial.head(features))


def test_l2_pooling_keeps_a_constant_away_from_the_border():
    pooled = L2Pooling()(torch.full((1, 2, 5, 5), -3.0))
    torch.testing.assert_close(pooled[..., 1:-1, 1:-1], torch.full((1, 2, 3, 3), 3.0))
    # At the border a quarter of the window hangs over, in a corner 7 of 16 parts.
    assert float(pooled[0, 0, 0, 2]) == pytest.approx(3 * math.sqrt(3 / 4))
    assert float(pooled[0, 0, 0, 0]) == pytest.approx(3 * math.sqrt(9 / 16))


def test_l2_pooling_has_a_gradient_at_zero():
    maps = torch.zeros(1, 1, 3, 3, requires_grad=True)
    L2Pooling()(maps).sum().backward()
    assert torch.isfinite(maps.grad).all()


def test_places_are_sines_of_rows_and_columns():
    places = sine_places(2, 3, features=8)
    assert places.shape == (6, 8)
    # Token 1 is row 1 of 2, column 2 of 3.
    angles = [math.pi, math.pi / 100, 4 * math.pi / 3, 4 * math.pi / 300]
    expected = [f(a) for a in angles for f in (math.sin, math.cos)]
    assert places[1].tolist() == pytest.approx(expected, abs=1e-5)
    with pytest.raises(UsageError, match="multiples of 4, found 6"):
        sine_places(2, 2, features=6)


def test_a_layer_treats_tokens_by_their_places_alone():
    torch.manual_seed(0)
    layer = FusionLayer(8, heads=2, hidden=4, dropout=0.5).eval()
    tokens, places, order = torch.rand(1, 5, 8), torch.rand(5, 8), torch.randperm(5)
    moved = layer(tokens[:, order], places[order])
    torch.testing.assert_close(moved, layer(tokens, places)[:, order])


def test_a_layer_is_residual():
    layer = FusionLayer(8, heads=2, hidden=4, dropout=0.0).eval()
    for part in (layer.out, layer.mix[-1]):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    tokens = torch.nn.functional.layer_norm(torch.rand(1, 3, 8), (8,))
    torch.testing.assert_close(layer(tokens, torch.rand(3, 8)), tokens, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("fusion", ["mean", "transformer"])
def test_a_clip_is_its_frames_fused(fusion, spatial):
    torch.manual_seed(0)
    model = c2f.C2f(spatial, fusion=fusion, num_frames=4).eval()
    views = torch.rand(2, 4, *spatial.view_shape)
    with torch.inference_mode():
        frames = model.frame_features(views)
        assert frames.shape == (2, 4, TINY.features)
        torch.testing.assert_close(frames[1, 2], spatial.features(views[1, 2:3])[0])
        assert model.from_frames(frames).shape == (2, WIDTH)
        torch.testing.assert_close(model(views), model.head(model.from_frames(frames)))
        swapped = model(views.flip(1))
    assert torch.allclose(model(views), swapped, atol=1e-6) == (fusion == "mean")
    assert model.view_shape == (4, 3, 64, 64)


def test_public_weights_come_without_their_classifier(tmp_path):
    torch.manual_seed(1)
    other = SwinStages(TINY)
    state = other.swin.state_dict() | {
        "head.fc.weight": torch.ones(5, 64),
        "norm.bias": torch.ones(64),
    }
    torch.save({"model": state}, tmp_path / "public.pth")
    stages = SwinStages(TINY)
    load_public(stages, tmp_path / "public.pth")
    views = torch.rand(1, 3, 64, 64)
    for found, expected in zip(stages(views), other(views), strict=True):
        assert torch.equal(found, expected)


def test_full_sizes_fuse_as_many_channels_as_their_makers():
    assert sum(SIZES["t"].stage_widths) == sum(SIZES["s"].stage_widths) == 2112
    assert [SIZES[size].features for size in "tsb"] == [1536, 1536, 2048]


def test_the_full_size_has_its_parameters():
    with torch.device("meta"):
        layers = StageFusion(SIZES["t"]).layers
    per_layer = 4 * 2112**2 + 4 * 2112 + 2 * 2112 * 64 + 64 + 2112 + 4 * 2112
    assert sum(p.numel() for p in layers.parameters()) == 2 * per_layer


def test_names_lead_to_networks(monkeypatch):
    monkeypatch.setitem(c2f_sizes.SIZES, "nano", TINY)
    assert build_network("c2f_spatial_nano").view_shape == (3, 64, 64)
    with pytest.raises(UnknownName, match="expected one of the sizes nano, t, s, b, found 'x'"):
        find_size("x")
    with pytest.raises(UnknownName, match="expected one of c2f_spatial_nano"):
        build("c2f_nano")
