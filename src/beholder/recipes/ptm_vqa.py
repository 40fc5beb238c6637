"""The recipe of PTM-VQA on cached features."""

from __future__ import annotations

from beholder.training.ptm_recipe import PtmRecipe


def ptm_vqa() -> PtmRecipe:
    """Fuse frozen models of a pool under the ICID loss, on cached features.

    Command: `beholder train ptm_vqa --data FEATURES --out RUN`, where `beholder pool extract` made
    FEATURES. All models of the pool take part; `--set pool.num_models=3` takes the paper's three
    of lowest Davies-Bouldin index.

    Cost: 600 steps, 20 epochs of 2,000 items: some seconds on two cores.
    """
    return PtmRecipe(
        name="ptm_vqa", summary="PTM-VQA: frozen models fused in one space under the ICID loss."
    )
