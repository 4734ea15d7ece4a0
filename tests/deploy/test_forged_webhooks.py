"""Behind nginx and direct: every forged request is refused with 403 before any write.

And every genuine one passes both ways, so that the refusals are of the forgery and nothing else.
"""

from collections import Counter
from dataclasses import replace

import httpx2
import pytest

from tests.deploy import forging
from tests.deploy.forging import Sent, genuine, sign
from tests.deploy.installed import STAFF_ORIGIN, Front, Way
from tests.deploy.nginx import STAFF_HOST

REFUSED = 403
GOOD = {200, 204}
WHAT_A_REQUEST_MAKES = ("inbound_text", "call", "phone", "contact", "conversation")


def all_genuine(front: Front) -> list[tuple[Way, Sent]]:
    """One request to each address, each way; no two are about the same text or call."""
    return [
        (way, genuine(path, number=100 * turn + number))
        for turn, way in enumerate(front.ways, start=1)
        for number, path in enumerate(forging.addresses())
    ]


def forge_all(front: Front) -> tuple[Counter[int], list[str]]:
    """How often each status came back, and what was not refused."""
    answers: Counter[int] = Counter()
    let_in = []
    clients = {way.name: way.client(STAFF_HOST) for way in front.ways}
    for way, real in all_genuine(front):
        for forgery, sent in forging.forgeries(real):
            status = sent.over(clients[way.name]).status_code
            answers[status] += 1
            if status != REFUSED:
                let_in.append(f"{way.name} {real.path} {forgery}: {status}")
    for client in clients.values():
        client.close()
    return answers, let_in


def over(way: Way, sent: Sent) -> httpx2.Response:
    with way.client(STAFF_HOST) as client:
        return sent.over(client)


def made(front: Front) -> dict[str, int]:
    contents = front.contents()
    return {name: len(contents[name]) for name in WHAT_A_REQUEST_MAKES}


@pytest.mark.timeout(240)
def test_all_that_is_forged_is_refused_before_any_write_and_all_that_is_genuine_passes(
    front: Front,
) -> None:
    before, counted = front.contents(), front.refused()
    answers, let_in = forge_all(front)
    assert let_in == []
    assert front.contents() == before
    # Each came as far as the service and was counted: nginx refused none in its place.
    assert front.refused() - counted == answers[REFUSED]

    passed = {f"{way.name} {sent.path}": over(way, sent) for way, sent in all_genuine(front)}
    bad = {name: got.status_code for name, got in passed.items() if got.status_code not in GOOD}
    assert bad == {}
    # Each way a text to /twilio/sms, one to /twilio/fallback and a call, all from one phone.
    kept = made(front)
    assert (kept["inbound_text"], kept["call"], kept["phone"]) == (4, 2, 1)

    # Now the same are replays with changes, of requests that were believed.
    again, let_in = forge_all(front)
    assert let_in == []
    assert made(front) == kept
    print(  # noqa: T201 - the figures that are promised
        f"\n{len(passed)} genuine passed; {answers[REFUSED] + again[REFUSED]} forged refused,"
        f" 0 rows of {len(before)} tables"
    )


def test_a_genuine_request_is_genuine_in_any_order_and_sent_again_has_no_effect(
    front: Front,
) -> None:
    real = genuine("/twilio/sms", number=1)
    backwards = replace(real, form=real.form[::-1])
    # The company signs with or without the port that https has anyway.
    with_port = replace(real, signature=sign(real.path, real.form, origin=f"{STAFF_ORIGIN}:443"))
    for way in front.ways:
        for each in (real, backwards, with_port):
            assert over(way, each).status_code == 200
    assert made(front)["inbound_text"] == 1


def test_a_genuine_request_cut_into_other_fields_passes_for_no_other_text(front: Front) -> None:
    # A signature covers names and values run together, so this one still fits.
    real = genuine("/twilio/sms", number=1)
    fields = dict(real.form)
    fields["MessageSid"] += "MessageStatus" + fields.pop("MessageStatus")
    cut = replace(real, form=tuple(fields.items()))
    assert sign(cut.path, cut.form) == real.signature
    before = front.contents()
    for way in front.ways:
        assert over(way, cut).status_code == 400
    assert front.contents() == before


def test_an_address_reaches_the_service_letter_by_letter(front: Front) -> None:
    # What is signed is the raw address: nginx must not decode, order or tidy it.
    path = "/twi%6Cio/voice/in?b=%2F%7e+x&a=%C5%9F&&a=1"
    for number, way in enumerate(front.ways):
        assert over(way, genuine(path, number=number)).status_code == 200
