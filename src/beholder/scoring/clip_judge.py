"""Judges a whole clip: frozen models look at it, a trained head fuses what they see.

::

    RUN/card.json           the model card; `architecture` names the head
    RUN/pool.json           the frozen models, as beside their features
    RUN/model.safetensors   the head's weights
    RUN/pool/               optional: files of frozen models, taken before those named in pool.json

Axis letters: D features.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np

from beholder.cards import ModelCard
from beholder.errors import MissingExtra, ModelError
from beholder.pool.entry import PoolEntry
from beholder.pool.load import load_model
from beholder.pool.loaded import BATCH, LoadedModel
from beholder.pool.prepare import plan_times, prepare_frames, union_plan
from beholder.pool.store import StoreFacts, read_facts
from beholder.records import Frame, FramePlan, MediaInfo, TimelinePoint
from beholder.scoring.calibration import to_score
from beholder.scoring.judge import Judgement

Head = Callable[[Mapping[str, np.ndarray]], float]
"""From the features of one clip, float32 [D] by model, to the raw quality."""

HEADS = {"ptm_vqa": "beholder.models.ptm_vqa"}
"""Architecture in the card to a module with `load_head(run) -> Head`; named by text, so that the
scorer knows torch only when such a run is asked for."""

CARD, WEIGHTS, POOL = "card.json", "model.safetensors", "pool"


class ClipJudge:
    """A finished run on frozen models."""

    def __init__(self, run: Path) -> None:
        """Load the head and every frozen model that it needs.

        Args:
            run: A folder that `beholder train` finished.

        Raises:
            ModelError: Not such a folder, or a frozen model is missing or not the one of training.
            MissingExtra: Its libraries are not installed.
        """
        self.card = read_run_card(run)
        facts = _read_pool(run)
        self._models = [_load(entry, run, facts) for entry in facts.entries]
        self._num_frames = facts.num_frames
        self._specs = list(dict.fromkeys(model.spec for model in self._models))
        self._head = _load_head(run, self.card)
        digest = hashlib.sha256((run / WEIGHTS).read_bytes()).hexdigest()
        self.model_id = f"{self.card.name}@{digest[:12]}"

    def load(self) -> None:
        """Do nothing: all was loaded at the start."""

    def plan(self, info: MediaInfo) -> FramePlan:
        """Choose the frames to decode: all that any of the frozen models looks at."""
        return union_plan(plan_times(info, self._specs, num_frames=self._num_frames))

    def judge(self, info: MediaInfo, frames: Iterable[Frame]) -> Judgement:
        """Judge the clip as one; the timeline is a single point at its first frame.

        Raises:
            ModelError: A model fails, or the head gives no finite number.
        """
        times = plan_times(info, self._specs, num_frames=self._num_frames)
        plan = union_plan(times)
        inputs = prepare_frames(frames, plan, times)
        features = {
            model.entry.name: model.features([inputs[model.spec]], batch=BATCH)[0]
            for model in self._models
        }
        raw = self._head(features)
        if not np.isfinite(raw):
            raise ModelError(f"expected a finite number from the head, found {raw}; train it again")
        score = to_score(raw, self.card.calibration)
        point = TimelinePoint(time_seconds=plan.times_us[0] / 1e6, score=score)
        return Judgement(points=(point,), frames_used=len(plan.times_us))


def read_run_card(run: Path) -> ModelCard:
    """Read the card of a run folder.

    Raises:
        ModelError: There is none, or its architecture is not judged from a folder.
    """
    path = run / CARD
    if not path.is_file():
        raise ModelError(
            f"expected {CARD} in the run folder {str(run)!r}, found none; give a folder that "
            "`beholder train` finished"
        )
    card = ModelCard.from_json(path.read_text(encoding="utf-8"))
    if card.architecture not in HEADS:
        raise ModelError(
            f"expected a run of {', '.join(HEADS)} in {str(run)!r}, found one of "
            f"{card.architecture!r}; make one file of it with: beholder export RUN OUT.onnx"
        )
    return card


def _read_pool(run: Path) -> StoreFacts:
    facts = read_facts(run)
    if facts is None or not facts.entries:
        raise ModelError(
            f"expected the frozen models of {str(run)!r} in its pool.json, found none; train on "
            "features that `beholder pool extract` made"
        )
    return facts


def _load(entry: PoolEntry, run: Path, facts: StoreFacts) -> LoadedModel:
    beside = run / POOL / Path(entry.weights or entry.model).name
    if beside.exists():
        entry = dataclasses.replace(entry, weights=str(beside))
    model = load_model(entry)
    known = facts.identities.get(entry.name, model.identity)
    if known != model.identity:
        raise ModelError(
            f"expected the weights of {entry.name!r} that the head was trained on "
            f"({known[:12]}), found others ({model.identity[:12]}); put the right file into "
            f"{str(run / POOL)!r}"
        )
    return model


def _load_head(run: Path, card: ModelCard) -> Head:
    try:
        module = import_module(HEADS[card.architecture])
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("beholder"):
            raise
        raise MissingExtra(error.name or "torch", "train") from error
    head: Head = module.load_head(run)
    return head
