"""What a tuning is: its name and its sizes, free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from beholder.errors import UnknownName, UsageError

NAMES = (
    *("none", "head", "full", "ssf", "lora"),
    *("cross_attention_prompt", "convolution_prompt", "style_prompt"),
)
"""Every way to adapt a trained model to another set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TuningSettings:
    """How a trained model is adapted; sizes without meaning for a method are not read."""

    name: str = "full"
    """Of `NAMES`."""
    head: Literal["trained", "frozen"] = "trained"
    """Whether the last linear layer learns too; `head`, `full` and `none` do not read this."""
    rank: int = 8
    """Of LoRA's two matrices."""
    prompts: int = 5
    """N, learnable prompts of each stage (style and cross-attention prompts)."""
    width: int = 0
    """C, width of a prompt; 0: that of its stage."""
    kernel: int = 1
    """Side of the convolution of a style prompt; the prompt is a single pixel."""
    narrowing: int = 1
    """What the convolution of a style prompt divides its channels by."""
    stages: str = "1,2,3,4"
    """Stages that get a prompt."""
    place: Literal["stage", "downsample"] = "stage"
    """Behind what a stage's prompt acts: its blocks, or the convolution that halves its map."""

    def __post_init__(self) -> None:
        """Refuse unknown methods and sizes without meaning.

        Raises:
            UnknownName: No method of that name.
            UsageError: A size out of range.
        """
        if self.name not in NAMES:
            raise UnknownName(f"expected tuning.name of {', '.join(NAMES)}, found {self.name!r}")
        if min(self.rank, self.prompts, self.narrowing) < 1 or self.kernel % 2 == 0:
            raise UsageError(
                "expected tuning.rank, .prompts and .narrowing of 1 or more and an odd "
                f".kernel, found {self.rank}, {self.prompts}, {self.narrowing} and {self.kernel}"
            )
        if self.head not in ("trained", "frozen") or self.place not in ("stage", "downsample"):
            raise UsageError(
                "expected tuning.head trained or frozen and tuning.place stage or downsample, "
                f"found {self.head!r} and {self.place!r}"
            )
        self.stage_numbers()

    def stage_numbers(self) -> list[int]:
        """Return the stages as numbers from 0.

        Raises:
            UsageError: Not the numbers of stages.
        """
        found = [text.strip() for text in self.stages.split(",")]
        if not all(text in ("1", "2", "3", "4") for text in found):
            raise UsageError(f"expected tuning.stages like 1,2,3,4, found {self.stages!r}")
        return sorted({int(text) - 1 for text in found})
