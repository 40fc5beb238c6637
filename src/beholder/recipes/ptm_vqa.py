"""The recipe of PTM-VQA on cached features."""

from __future__ import annotations

from beholder.training.ptm_recipe import PoolSettings, PtmRecipe


def ptm_vqa() -> PtmRecipe:
    """Fuse frozen models of a pool under the ICID loss, on cached features.

    Command: `beholder train ptm_vqa --data FEATURES --out RUN`, where `beholder pool extract` made
    FEATURES. All models of the pool take part, weighed by a linear probe; `--set
    pool.weighting=dbi` weighs them by Davies-Bouldin index as the paper does, `--set
    pool.num_models=3` takes the three of lowest index, `--set head.members=1 --set
    head.kernel_share=0` leaves one trained network alone, `--set head.rank_levels=101` learns ranks
    in place of opinions: better order, a little less linear.

    Cost: 600 steps, 20 epochs of 2,000 items: some seconds on one core.
    """
    return PtmRecipe(
        name="ptm_vqa",
        summary="PTM-VQA: frozen models fused in one space under the ICID loss.",
        pool=PoolSettings(weighting="probe"),
    )
