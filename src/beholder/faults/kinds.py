"""The table of faults: unit, limit and source of each; `docs/faults.md` says how well they do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultKind:
    """What one fault is measured in, and from where on it is named."""

    unit: str
    means: str
    """What the figure says, in one line; more is worse."""
    limit: float
    """A look with more than this has the fault."""
    least_share: float
    """The fault is named where at least this share of the looks has it, 0..1."""
    source: str
    """The published measure, or that it is ours."""


KINDS: dict[str, FaultKind] = {
    "blur": FaultKind(
        unit="%",
        means="how little a further blur changes the most detailed quarter of the picture",
        limit=52.0,
        least_share=0.1,
        source="Crete et al., The blur effect, 2007; taken over the most detailed blocks",
    ),
    "blockiness": FaultKind(
        unit="levels",
        means="steps on the grid of 8 x 8 blocks beyond those beside it, in grey levels",
        limit=4.0,
        least_share=0.1,
        source="ours; steps as in Minami and Zakhor, 1995",
    ),
    "noise": FaultKind(
        unit="levels",
        means="standard deviation of the noise in the smoothest parts, in grey levels",
        limit=4.5,
        least_share=0.1,
        source="Immerkaer, Fast noise variance estimation, 1996; lowest tenth of the blocks",
    ),
    "banding": FaultKind(
        unit="%",
        means="share of the smooth gradients that runs in steps between plateaus",
        limit=3.0,
        least_share=0.1,
        source="ours",
    ),
    "under-exposure": FaultKind(
        unit="stops",
        means="how often the light would have to be doubled for the brightest parts to be white",
        limit=3.0,
        least_share=0.1,
        source="ours",
    ),
    "over-exposure": FaultKind(
        unit="%",
        means="share of the picture that is cut off at white",
        limit=15.0,
        least_share=0.1,
        source="ours",
    ),
    "low contrast": FaultKind(
        unit="%",
        means="how bright the darkest parts are, relative to the brightest",
        limit=50.0,
        least_share=0.1,
        source="ours; percentiles as in scikit-image's is_low_contrast",
    ),
    "black": FaultKind(
        unit="%",
        means="share of the picture that is black",
        limit=98.0,
        least_share=0.0,
        source="FFmpeg's filter blackdetect, with its limits",
    ),
    "frozen": FaultKind(
        unit="%",
        means="share of the time in which the picture stands still",
        limit=50.0,
        least_share=0.0,
        source="ours; the same question as FFmpeg's filter freezedetect",
    ),
    "duplicated": FaultKind(
        unit="%",
        means="share of the frames that repeat the one before, while the picture moves",
        limit=10.0,
        least_share=0.25,
        source="ours",
    ),
}
"""Fault to its facts, in the order of reports; the last two need neighbouring frames: video."""
