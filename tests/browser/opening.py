"""How a page is opened: the two screens every page is looked at on, with scripts or without."""

from dataclasses import dataclass
from typing import Protocol

import pytest
from playwright.sync_api import Page


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen's size in CSS pixels, and whether it is touched."""

    width: int
    height: int
    touch: bool


PHONE = Screen(width=360, height=640, touch=True)
DESK = Screen(width=1440, height=900, touch=False)

# For a test, or for `pytestmark`: the story must hold either way.
WITH_AND_WITHOUT_JAVASCRIPT = pytest.mark.parametrize(
    "javascript", [True, False], indirect=True, ids=["javascript", "no-javascript"]
)


class OpenPage(Protocol):
    """Opens an empty page in a fresh browser context."""

    def __call__(self, *, origin: str, screen: Screen) -> Page: ...
