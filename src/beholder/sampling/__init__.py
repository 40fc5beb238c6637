"""From frames to model input, in plain numpy: which frames, which windows, resize, normalise.

First the plan (whole numbers, no pixels), then the pixels. Training and scoring call the same
functions.
"""

from beholder.sampling.frames import plan_frames, spread_times
from beholder.sampling.resize import resize
from beholder.sampling.view import apply, normalise
from beholder.sampling.windows import plan_windows

__all__ = ["apply", "normalise", "plan_frames", "plan_windows", "resize", "spread_times"]
