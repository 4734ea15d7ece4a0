"""Hold the stand-in's answers, and the client's requests, against Twilio's own description.

``python -m tests.integrations.standins.shapes_check FILE``, where FILE is the OpenAPI description
``twilio_api_v2010.json`` that Twilio publishes, whole or cut to Messages and Calls. The file is not
part of the project, so that this is a command and not a test.
"""

import base64
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests import servers
from tests.integrations.standins.describing import Description
from tests.twilio_standin import ACCOUNT, NUMBER, TOKEN, StandIn

PHONE, OTHER = "+447700900001", "+447700900002"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}"
NOBODY = "http://127.0.0.1:9"  # webhooks are not looked at here: nobody takes them


class Asker:
    """Asks the stand-in as any program would, and notes what is wrong with its answers."""

    def __init__(self, standin: StandIn, description: Description) -> None:
        self._standin = standin
        self._description = description
        self.lines: list[str] = []
        self.faults: list[str] = []

    def ask(self, method: str, path: str, *, status: int, **fields: str) -> Any:
        encoded = urlencode(fields)
        target = f"{PATH}{path}"
        credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        connection = http.client.HTTPConnection(servers.LOOPBACK, self._standin.port)
        connection.request(
            method,
            f"{target}?{encoded}" if method == "GET" and encoded else target,
            body=encoded if method == "POST" else None,
            headers={
                "Authorization": f"Basic {credentials}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        response = connection.getresponse()
        body = response.read()
        connection.close()
        answer = json.loads(body) if body else None
        found = [] if response.status == status else [f"{response.status} instead of {status}"]
        found += self._description.answer_faults(
            method, target, status=response.status, answer=answer
        )
        self.note(f"{method} {target}", found)
        return answer

    def note(self, what: str, found: list[str]) -> None:
        self.lines.append(f"{'wrong' if found else 'right'}  {what}")
        self.faults += [f"{what}: {each}" for each in found]


def answers(asker: Asker, standin: StandIn) -> None:
    """Ask for every operation, in more than one state of what is asked for."""
    phones = standin.phones
    phones.behave(phones={OTHER: {"code": 30005}})
    sent = asker.ask("POST", "/Messages.json", status=201, To=PHONE, From=NUMBER, Body="words")
    lost = asker.ask("POST", "/Messages.json", status=201, To=OTHER, From=NUMBER, Body="words")
    came = phones.send(PHONE, "hello", pictures=1)
    phones.settle()
    for sid in (sent["sid"], lost["sid"], came):
        asker.ask("GET", f"/Messages/{sid}.json", status=200)
    page = asker.ask("GET", "/Messages.json", status=200, PageSize="1")
    following = page["next_page_uri"].removeprefix(PATH)
    path, _, query = following.partition("?")
    asker.ask("GET", path, status=200, **dict(each.split("=") for each in query.split("&")))
    asker.ask("GET", "/Messages.json", status=200, To="+447700900999")
    asker.ask("POST", f"/Messages/{sent['sid']}.json", status=200, Body="")
    asker.ask("DELETE", f"/Messages/{sent['sid']}.json", status=204)
    rung = [
        asker.ask("POST", "/Calls.json", status=201, To=PHONE, From=NUMBER, Twiml=document)
        for document in ("<Response><Say>Hello.</Say></Response>", "<Response><Gather/></Response>")
    ]
    asker.ask("GET", f"/Calls/{rung[0]['sid']}.json", status=200)
    for call in rung:
        phones.answer(call["sid"])
    asker.ask("GET", "/Calls.json", status=200, PageSize="1")
    asker.ask("POST", f"/Calls/{rung[1]['sid']}.json", status=200, Status="completed")
    asker.ask("GET", f"/Calls/{rung[0]['sid']}.json", status=200)
    asker.ask("DELETE", f"/Calls/{rung[0]['sid']}.json", status=204)


def requests(standin: StandIn) -> Iterator[dict[str, Any]]:
    """Have Twilio's client ask for the same, and return what it sent."""
    phones = standin.phones
    before = len(phones.requests())
    http_client = TwilioHttpClient(timeout=10)
    client = Client(ACCOUNT, TOKEN, http_client=http_client)
    client.api.base_url = standin.api
    text = client.messages.create(
        to=PHONE, from_=NUMBER, body="words", status_callback=NOBODY + "/status"
    )
    phones.settle()
    text.fetch()
    client.messages.list(
        to=PHONE, date_sent_after=datetime.now(UTC) - timedelta(minutes=10), page_size=2, limit=5
    )
    text.update(body="")
    text.delete()
    call = client.calls.create(
        to=PHONE,
        from_=NUMBER,
        url=NOBODY + "/voice",
        timeout=20,
        status_callback=NOBODY + "/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    phones.ringing(PHONE)
    call.update(status="completed")
    client.calls.list(to=PHONE, limit=3)
    client.calls(call.sid).delete()
    if http_client.session is not None:
        http_client.session.close()
    yield from phones.requests()[before:]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def main(file: Path) -> None:
    """Say for each operation whether it is as FILE describes it; end with 1 if one is not."""
    description = Description(json.loads(file.read_text("utf-8")))
    standin = StandIn.start(webhooks=NOBODY)
    try:
        asker = Asker(standin, description)
        answers(asker, standin)
        for asked in requests(standin):
            found = description.request_faults(asked["method"], asked["path"], asked["fields"])
            asker.note(f"the client's {asked['method']} {asked['path']}", found)
    finally:
        standin.remove()
    click.echo("\n".join([*asker.lines, *asker.faults]).replace(ACCOUNT, "{account}"))
    click.echo(f"{len(asker.lines)} exchanges, {len(asker.faults)} faults")
    raise SystemExit(bool(asker.faults))


if __name__ == "__main__":
    main()
