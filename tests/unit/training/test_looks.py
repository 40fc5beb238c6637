"""What resting trunks see, and what a trained model says, once."""

import dataclasses

import numpy as np
import torch

from beholder.scoring.onnx_backend import OnnxBackend
from beholder.training.looks import LOOKS, PHOTO_LOOKS, ask_once, look_once
from tests.model_factory import CARD, make_model


def test_looks_are_the_views_of_the_scorer(material, resting, seen):
    assert seen.photos.shape == (len(PHOTO_LOOKS), 6, resting.num_features)
    assert [rung.shape for rung in seen.rungs] == [(len(LOOKS), 3, 2, resting.num_features)]
    whole = torch.from_numpy(material.photos.pixels[2].astype(np.float32) / 128 - 1)
    views = {
        "whole": whole.permute(2, 0, 1),
        "middle": whole[32:288, 32:288].permute(2, 0, 1),
        "mirrored": whole.flip(1).permute(2, 0, 1),
    }
    for name, view in views.items():
        with torch.no_grad():
            features = resting.features(view[None])[0].numpy()
        # Kept in half precision.
        look = seen.photos[PHOTO_LOOKS.index(name), 2]
        np.testing.assert_allclose(look, features, rtol=2e-3, atol=2e-3)
    # A frame too small to have details shows itself whole in place of them.
    assert np.array_equal(seen.rungs[0][0], seen.rungs[0][1])


def test_what_was_seen_is_not_looked_at_again(material, resting, looking, tmp_path):
    first = look_once(resting, material, looking, cache=tmp_path, progress=lambda *_: None)
    told = []
    photos = dataclasses.replace(material.photos, pixels=material.photos.pixels[:, :1])
    blind = dataclasses.replace(material, photos=photos)
    again = look_once(
        resting, blind, looking, cache=tmp_path, progress=lambda *done: told.append(done)
    )
    assert np.array_equal(first.photos, again.photos)
    assert told == [(1, 2), (2, 2)]


def test_a_teacher_is_asked_about_ladders_once(material, tmp_path):
    backend = OnnxBackend(make_model(tmp_path / "m.onnx").read_bytes())
    (pack,) = material.packs
    (told,) = ask_once(backend, [pack], cache=tmp_path, progress=lambda *_: None)
    pixels = (pack.frames - np.float32(CARD.view.mean)) / np.float32(CARD.view.std)
    sharpness = np.abs(np.diff(pixels.mean(-1), axis=-1)).mean((-1, -2))
    line = CARD.calibration
    # Frames of this size are seen whole, and so the same in both looks.
    expected = np.stack([line.slope * sharpness + line.intercept] * len(LOOKS))
    np.testing.assert_allclose(told, expected, rtol=2e-3)
    blind = dataclasses.replace(pack, frames=pack.frames[..., :1])
    done = []
    (again,) = ask_once(backend, [blind], cache=tmp_path, progress=lambda *n: done.append(n))
    assert np.array_equal(told, again)
    assert done == [(1, 1)]
