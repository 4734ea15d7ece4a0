"""A client of the stand-in's control API, for tests and for a phone on a page.

It needs nothing but the standard library, and raises :class:`PhonesError` for any refusal.
"""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

PATIENCE = 60.0  # seconds: what makes something happen answers when its effects are over
WAIT = 10.0
OK = 200


class PhonesError(Exception):
    """The stand-in refused, or did not answer."""

    def __init__(self, why: str, *, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text as the phone has it. ``direction`` and ``status`` are Twilio's words."""

    sid: str
    text: str
    pictures: int
    at: datetime
    status: str
    direction: str
    error_code: int | None

    @property
    def is_from_phone(self) -> bool:
        """Whether the phone sent it."""
        return self.direction == "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as the phone has it. ``direction`` and ``state`` are Twilio's words."""

    sid: str
    parent: str | None
    state: str
    direction: str
    sender: str
    recipient: str
    said: tuple[str, ...]
    wants_key: bool
    joined: str | None
    voicemail: bool


class Phones:
    """Every pretend phone of one stand-in."""

    def __init__(self, api_url: str) -> None:
        self._url = api_url.rstrip("/") + "/standin"
        # No proxy: the stand-in is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def is_ready(self) -> bool:
        """Say whether it answers."""
        try:
            self._get("/healthz")
        except PhonesError:
            return False
        return True

    def known(self) -> list[dict[str, Any]]:
        """Return every number that texted, rang, was texted or was rung."""
        phones: list[dict[str, Any]] = self._get("/phones")["phones"]
        return phones

    def send(self, number: str, text: str, *, pictures: int = 0, at: datetime | None = None) -> str:
        """Send a text from a phone to the service's number; return its identifier."""
        sid: str = self._post(
            f"{_phone(number)}/send", _without_none(text=text, pictures=pictures, at=_iso(at))
        )["sid"]
        return sid

    def send_many(
        self, texts: Iterable[tuple[str, str]], *, at: datetime | None = None
    ) -> list[str]:
        """Send many at once, each a number and a text; return the identifiers in that order."""
        each = [{"from": number, **_without_none(text=text, at=_iso(at))} for number, text in texts]
        sids: list[str] = self._post("/texts", {"texts": each})["sids"]
        return sids

    def send_again(self, sid: str, *, copies: int = 1) -> list[int | None]:
        """Make a text's webhook again, so many times at once; return the service's statuses."""
        statuses: list[int | None] = self._post(f"/texts/{sid}/again", {"copies": copies})[
            "statuses"
        ]
        return statuses

    def inbox(self, number: str, *, at_least: int = 0, wait: float = WAIT) -> list[Message]:
        """Return the texts of a phone, both ways; wait until there are `at_least` so many."""
        query = {"at_least": at_least, "wait": round(wait) if at_least else 0}
        found = self._get(f"{_phone(number)}/inbox", query)["messages"]
        return [Message(**each | {"at": datetime.fromisoformat(each["at"])}) for each in found]

    def received(self, number: str) -> list[str]:
        """Return the words that reached a phone."""
        return [
            message.text
            for message in self.inbox(number)
            if not message.is_from_phone and message.status == "delivered"
        ]

    def call(self, number: str) -> Call:
        """Ring the service's number from a phone."""
        return _call(self._post(f"{_phone(number)}/call"))

    def calls(self, number: str) -> list[Call]:
        """Return the calls of a phone, the oldest first."""
        return [_call(each) for each in self._get(f"{_phone(number)}/calls")["calls"]]

    def ringing(self, number: str, *, wait: float = WAIT) -> Call:
        """Return the call that a phone rings for; wait for one."""
        query = {"state": "ringing", "wait": round(wait)}
        found = self._get(f"{_phone(number)}/calls", query)["calls"]
        if not found:
            raise PhonesError("it does not ring")
        return _call(found[-1])

    def look(self, sid: str) -> Call:
        """Return a call as it is now."""
        return _call(self._get(f"/calls/{sid}"))

    def answer(self, sid: str) -> Call:
        """Pick up."""
        return self._act(sid, "answer")

    def voicemail(self, sid: str) -> Call:
        """Let a machine pick up: it hears, and presses nothing."""
        return self._act(sid, "voicemail")

    def press(self, sid: str, digits: str) -> Call:
        """Press keys. Raises PhonesError when nobody asked for one."""
        return self._act(sid, "press", {"digits": digits})

    def hang_up(self, sid: str) -> Call:
        """Hang up."""
        return self._act(sid, "hang-up")

    def reject(self, sid: str) -> Call:
        """Refuse a call that rings."""
        return self._act(sid, "reject")

    def ring_out(self, sid: str) -> Call:
        """Let the time run out for which it rings."""
        return self._act(sid, "ring-out")

    def gather_timeout(self, sid: str) -> Call:
        """Let the time run out for which a key is waited for."""
        return self._act(sid, "gather-timeout")

    def behave(self, **changes: Any) -> dict[str, Any]:
        """Change the behaviour in the parts that are named; see `behaviour.py` for them."""
        behaviour: dict[str, Any] = self._post("/behave", changes)
        return behaviour

    def behaviour(self) -> dict[str, Any]:
        """Return how it behaves; the counts of faults go down as they happen."""
        behaviour: dict[str, Any] = self._get("/behave")
        return behaviour

    def set_clock(self, at: datetime) -> None:
        """Set the stand-in's calendar to an instant, which carries its zone; it goes on from there.

        For a test whose clock is not the machine's: lists by time then mean what it means.
        """
        self.behave(clock_ahead=(at - datetime.now(UTC)).total_seconds())

    def behave_well(self) -> None:
        """Behave as at the start. The calendar stays as it was set."""
        self._ask("DELETE", "/behave")

    def release(self) -> int:
        """Let go the webhooks and reports that are held; return how many there were."""
        released: int = self._post("/release")["released"]
        return released

    def settle(self, *, seconds: float = 20.0) -> bool:
        """Wait until nothing is under way, and say whether that came about."""
        settled: bool = self._post("/settle", {"seconds": seconds})["settled"]
        return settled

    def accepted(self, number: str) -> Counter[str]:
        """Return how often the API accepted each text to a number."""
        return Counter(
            {each["text"]: each["accepted"] for each in self.log()["texts"] if each["to"] == number}
        )

    def log(self) -> dict[str, Any]:
        """Return what went to and fro: `texts`, `calls`, `counts` and `troubles`."""
        log: dict[str, Any] = self._get("/log")
        return log

    def requests(self) -> list[dict[str, Any]]:
        """Return the API's requests: method, path and fields."""
        requests: list[dict[str, Any]] = self._get("/requests")["requests"]
        return requests

    def reset(self) -> None:
        """Forget everything, and behave as at the start."""
        self._post("/reset")

    def _act(self, sid: str, act: str, what: Mapping[str, Any] | None = None) -> Call:
        return _call(self._post(f"/calls/{sid}/{act}", what))

    def _get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def _post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._ask("POST", path, body or {})

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - an address on this machine
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                return json.load(response)
        except urllib.error.HTTPError as refused:
            with refused:
                raise PhonesError(_why(refused.read()), status=refused.code) from None
        except OSError:
            raise PhonesError("it does not answer") from None


def _why(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "it refused"


def _phone(number: str) -> str:
    return f"/phones/{quote(number)}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _without_none(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _call(found: dict[str, Any]) -> Call:
    return Call(
        sid=found["sid"],
        parent=found["parent"],
        state=found["state"],
        direction=found["direction"],
        sender=found["from"],
        recipient=found["to"],
        said=tuple(found["said"]),
        wants_key=found["wants_key"],
        joined=found["joined"],
        voicemail=found["voicemail"],
    )
