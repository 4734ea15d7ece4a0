"""Who reads: triage as it ships, its rules alone, and triage whose helper never saw a source."""

import importlib
from collections.abc import Mapping, Sequence
from functools import partial

from helpline.evaluation.scoring import Assess
from helpline.evaluation.sets import TextSet
from triage import assessment, likeness

SHIPPED = "as it ships"
RULES_ALONE = "rules alone"


def all_of_them() -> Mapping[str, Assess]:
    """Every way of reading whose speed is told; the first is what ships."""
    return {
        SHIPPED: assessment.assess,
        RULES_ALONE: partial(assessment.assess, helper=likeness.NOTHING),
    }


def leaving_out(source: str, sets: Sequence[TextSet]) -> Assess | None:
    """Triage with a helper that was trained on these sets but for this source.

    None where the library that trains is not installed (the dependency group `learn`).
    """
    try:
        fitting = importlib.import_module("helpline.learning.fitting")
    except ModuleNotFoundError:
        return None
    weights = fitting.trained([each for each in sets if each.source != source])
    return partial(assessment.assess, helper=fitting.helper(weights, **likeness.limits()))
