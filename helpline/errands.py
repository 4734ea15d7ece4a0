"""What a job that goes outside may bring back besides the way to write down what became of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpline.jobs import Handler


@dataclass(frozen=True)
class Onward:
    """There is another step outside, such as a sending after a search that found nothing.

    It begins with a whole lease of its own, or not at all when another worker has the job by then.
    """

    step: "Callable[[], Handler | Onward | None]"
