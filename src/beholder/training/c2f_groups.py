"""Which clips are of one bitrate group, and which of them make a batch.

Axis letters: N clips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beholder.datasets.rows import Row, name_some
from beholder.errors import DataError
from beholder.training.c2f_recipe import C2fData


def rate_groups(rows: Sequence[Row], settings: C2fData) -> np.ndarray:
    """Divide clips into groups of equally many by their bitrate.

    Args:
        rows: Clips that carry a rate.
        settings: How many groups, and with what a rate is compared. The same rate is much for a
            talking head and little for a fountain: inside a content only the coding differs.

    Returns:
        int64 [N], 0 for the lowest rates.

    Raises:
        DataError: A clip without rate, or a content with fewer clips than groups.
    """
    unrated = [row.path.name for row in rows if row.bitrate_kbps is None]
    if unrated:
        raise DataError(f"expected a bitrate for every clip, found none for {name_some(unrated)}")
    rates = np.array([row.bitrate_kbps for row in rows])
    names = [row.content_id if settings.group_by == "content" else "" for row in rows]
    groups = np.empty(len(rows), np.int64)
    for name in dict.fromkeys(names):
        places = np.flatnonzero(np.array(names) == name)
        if len(places) < settings.num_groups:
            raise DataError(
                f"expected at least {settings.num_groups} clips of content {name!r}, found "
                f"{len(places)}; set data.group_by=set, or fewer data.num_groups"
            )
        ranks = np.argsort(np.argsort(rates[places], kind="stable"), kind="stable")
        groups[places] = ranks * settings.num_groups // len(places)
    return groups


class RungSampler:
    """Chooses the clips of a step: from every group several contents, the same where it has them.

    So no batch lacks what the losses compare: clips of unlike groups, and of one group. Contents
    come in a new order every epoch.
    """

    def __init__(
        self, groups: np.ndarray, contents: Sequence[str], *, places: np.ndarray, settings: C2fData
    ) -> None:
        """Sort the clips.

        Args:
            groups: [N], from `rate_groups`.
            contents: Content of each of N clips.
            places: The clips that may be drawn.
            settings: Sizes of a batch.

        Raises:
            DataError: A group has clips of fewer contents than a batch wants.
        """
        self._settings = settings
        self._contents = list(dict.fromkeys(contents[place] for place in places))
        self._clips: dict[int, dict[str, list[int]]] = {g: {} for g in range(settings.num_groups)}
        for place in places:
            clips = self._clips[int(groups[place])]
            clips.setdefault(contents[place], []).append(int(place))
        for group, clips in self._clips.items():
            if len(clips) < settings.num_contents:
                raise DataError(
                    f"expected clips of {settings.num_contents} contents or more to train on in "
                    f"bitrate group {group}, found {len(clips)}; lower data.num_contents or add "
                    "contents"
                )

    def draw(self, step: int) -> np.ndarray:
        """Return the places of a step's clips, group after group; the same for the same step."""
        settings = self._settings
        rng = np.random.default_rng((settings.seed, 4, step))
        order = self._order(step)
        drawn: list[int] = []
        for clips in self._clips.values():
            for content in [name for name in order if name in clips][: settings.num_contents]:
                # Where a content has too few clips in a group, some come twice.
                few = len(clips[content]) < settings.num_clips
                drawn += rng.choice(clips[content], settings.num_clips, replace=few).tolist()
        return np.array(drawn)

    def _order(self, step: int) -> list[str]:
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng((self._settings.seed, 5, epoch)).permutation(self._contents)
        return [str(name) for name in np.roll(order, -place * self._settings.num_contents)]

    @property
    def steps_per_epoch(self) -> int:
        """Steps after which every content was drawn."""
        return -(-len(self._contents) // self._settings.num_contents)
