"""Who reads: triage as it ships. The place where a statistical helper comes in.

A helper adds a reader to `all_of_them`, so that its cost stands beside the rules', and makes
`leaving_out` train itself again without the source that is measured.
"""

from collections.abc import Mapping

from helpline.evaluation.scoring import Assess
from triage import assessment

SHIPPED = "as it ships"


def all_of_them() -> Mapping[str, Assess]:
    """Every way of reading whose speed is told; the first is what ships."""
    return {SHIPPED: assessment.assess}


def leaving_out(source: str) -> Assess | None:
    """Triage with a helper that was trained without this source; None when nothing is trained."""
    del source
    return None
