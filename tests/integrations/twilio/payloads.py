"""Webhooks as Twilio sends them, by its documented fields; the numbers and sids are invented.

One field a line, encoded as it travels, and joined here.
"""

from pathlib import Path
from urllib.parse import parse_qsl

FOLDER = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def body(name: str) -> str:
    return "&".join((FOLDER / f"{name}.txt").read_text("ascii").splitlines())


def form(name: str) -> list[tuple[str, str]]:
    return parse_qsl(body(name), keep_blank_values=True, strict_parsing=True)
