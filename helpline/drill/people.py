"""Invented children and staff of a drill, each at the address that they would use."""

import http.client
import json
import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID, uuid4

from helpline.drill.night import Night
from integrations.standins.twilio import signing

_TIMEOUT = 30.0
_TRIES = 2
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
# In the order of the page: conversations, and crowds, which are one place each.
_PLACE = re.compile(r'href="/console/(conversations|crowds)/([0-9a-f-]{36})')


class DrillError(RuntimeError):
    """The service answered what no drill can go on from."""


class Child:
    """A child who writes through the API, as an app does."""

    def __init__(self, night: Night) -> None:
        self._night = night
        status, body = self._post("/api/v1/conversations", {})
        if status != HTTPStatus.CREATED:
            raise DrillError
        self.conversation = UUID(body["conversation"])
        self._token = body["token"]

    def say(self, text: str) -> None:
        """Send one message; it is kept when this returns."""
        path = f"/api/v1/conversations/{self.conversation}/messages"
        status, _ = self._post(path, {"client_id": uuid4().hex, "text": text}, self._token)
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise DrillError

    def _post(
        self, path: str, given: dict[str, str], token: str | None = None
    ) -> tuple[int, dict[str, str]]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(*self._night.child, timeout=_TIMEOUT)
        try:
            connection.request("POST", path, json.dumps(given), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()


class Company:
    """The telephone company, which hands on texts with its signature. One connection, kept."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._connection = http.client.HTTPConnection(*night.staff, timeout=_TIMEOUT)

    def text(self, *, sender: str, words: str) -> bool:
        """Deliver one text; whether it was accepted.

        A connection that broke, perhaps only because it was idle, is tried once more, as the
        company does: a text that comes twice has one SID and is kept once.
        """
        settings = self._night.settings
        sid = f"SM{uuid4().hex}"
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": settings.twilio_account_sid or "",
            "From": sender,
            "To": settings.twilio_number or "",
            "Body": words,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        url = f"{settings.staff_origin}/twilio/sms"
        signed = signing.sign(token=settings.twilio_auth_token or "", url=url, form=form.items())
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signed,
        }
        for _ in range(_TRIES):
            try:
                self._connection.request("POST", "/twilio/sms", urlencode(form), headers)
                answer = self._connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self._connection.close()
            else:
                return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return False

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Desk:
    """A member of staff at a console, signed in as the demo allows."""

    def __init__(self, night: Night, role: str) -> None:
        self._night = night
        status, headers, _ = self._ask("GET", f"/demo/as/{role}")
        if status != HTTPStatus.SEE_OTHER:
            raise DrillError
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        self._cookie = "; ".join(each.split(";", 1)[0] for each in cookies)
        _, _, page = self._ask("GET", "/console")
        found = _CSRF.search(page)
        if found is None:
            raise DrillError
        self._csrf = found[1]

    def post(self, path: str, **fields: str) -> int:
        """Send a form; the status of the answer."""
        status, _, _ = self._ask("POST", path, urlencode({"csrf": self._csrf, **fields}))
        return status

    def places(self) -> list[str]:
        """The queue as it is shown: the id of each place, the next first."""
        _, _, page = self._ask("GET", "/console/fragments/queue?show=all")
        return list(dict.fromkeys(found[2] for found in _PLACE.finditer(page)))

    def banner(self) -> str:
        """What the console says of work that stands still; empty when all is well."""
        status, _, said = self._ask("GET", "/console/fragments/watch")
        return said.strip() if status == HTTPStatus.OK else ""

    def _ask(
        self, method: str, path: str, body: str | None = None
    ) -> tuple[int, Sequence[tuple[str, str]], str]:
        headers = {"Origin": self._night.settings.staff_origin}
        if hasattr(self, "_cookie"):
            headers["Cookie"] = self._cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(*self._night.staff, timeout=_TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read().decode()
        finally:
            connection.close()
