"""TwiML as the stand-in reads it: a document is a list of verbs."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from integrations.standins.twilio import posting


class NotTwimlError(Exception):
    """The answer is no TwiML document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A document to fetch: its address, and what the request says beside the call itself."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document and where it came from: addresses in it are relative to that."""

    url: str
    verbs: tuple[ET.Element, ...]

    def target(self, address: str | None, **fields: str) -> Target:
        """Return what an address in the document means; without one, the document itself."""
        return Target(url=urljoin(self.url, (address or "").strip()), fields=fields)


def parse(answer: bytes | str, *, url: str) -> Document:
    """Return a document. Raises NotTwimlError."""
    try:
        root = ET.fromstring(answer)  # noqa: S314 - from our own service
    except ET.ParseError as broken:
        raise NotTwimlError from broken
    if root.tag != "Response":
        raise NotTwimlError
    return Document(url=url, verbs=tuple(root))


def from_answer(answer: posting.Answer, *, url: str) -> Document:
    """Return the document that the service answered with; no words are an empty one."""
    return parse(answer.body, url=url) if answer.body.strip() else Document(url=url, verbs=())


def number(element: ET.Element, name: str, usual: int) -> int:
    """Return a whole number from an attribute; what is none counts as not given."""
    value = element.get(name, "")
    return int(value) if value.isdecimal() else usual


def is_true(element: ET.Element, name: str) -> bool:
    """Return a yes or no from an attribute."""
    return element.get(name, "").lower() == "true"


def words(element: ET.Element) -> str:
    """Return what an element says, in one line."""
    return " ".join("".join(element.itertext()).split())
