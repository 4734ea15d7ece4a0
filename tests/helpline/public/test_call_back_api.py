"""POST, GET and DELETE /call-backs: a child's app asks to be called."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from structlog.testing import capture_logs

from chat.models import Phone
from chat.texting import TextState
from helpline import asgi
from helpline.public import call_back_api
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.public import calls, face
from tests.helpline.public.calls import NUMBER, THURSDAY, TODAY, TOMORROW, WEDNESDAY
from tests.helpline.public.face import API, Face, Talk, problem_of
from tests.installation import CHILD_ORIGIN
from tests.stores import Stores

PATH = f"{API}/call-backs"
WISH = {"number": NUMBER, "day": WEDNESDAY, "part": "after_school"}
PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


@pytest.fixture
def ringing(stores: Stores, clock: Clock) -> Iterator[Face]:
    """The child's face of an installation with telephones."""
    wanted = {**phone_house.SETTINGS, "open_hours": "Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00"}
    with (
        installation.installed(stores, clock, **wanted) as adapters,
        face.opened(adapters) as opened,
    ):
        yield opened


@pytest.fixture
def app(ringing: Face) -> Talk:
    return ringing.begin()


def ask(face: Face, app: Talk, **changes: Any) -> Response:
    return face.client.post(PATH, json=WISH | changes, headers=app.bearer)


def get(face: Face, app: Talk) -> Response:
    return face.client.get(PATH, headers=app.bearer)


def test_a_call_is_asked_for_shown_and_cancelled(ringing: Face, app: Talk) -> None:
    assert problem_of(get(ringing, app)) == "not-found"
    asked = ask(ringing, app, if_answered="own_name", own_name=" Aunt  Mary ")
    assert asked.status_code == 201
    assert asked.headers["cache-control"] == "no-store"
    assert asked.json() == {
        "number": NUMBER,
        "day": WEDNESDAY,
        "part": "after_school",
        "if_answered": "own_name",
        "own_name": "Aunt Mary",
        "voicemail": False,
        "shared_phone": False,
        "from": "2026-11-04T15:30:00Z",
        "until": "2026-11-04T18:00:00Z",
        "tries_left": 2,
        "our_number": "07700 900000",
    }
    shown = get(ringing, app)
    assert (shown.status_code, shown.json()) == (200, asked.json())
    assert ringing.texts(app) == ["(Asked to be called: Wednesday, 3:30 pm to 6 pm)"]
    for _ in range(2):
        answer = ringing.client.delete(PATH, headers=app.bearer)
        assert (answer.status_code, answer.content) == (204, b"")
    assert get(ringing, app).status_code == 404
    assert ringing.texts(app)[1:] == ["(Does not want the call any more)"]
    assert calls.audited(ringing.adapters) == ["call_back.asked", "call_back.cancelled"]
    [entry] = calls.entries(ringing.adapters)
    assert entry.id == app.conversation


def test_asking_again_just_so_changes_nothing_and_asking_otherwise_takes_its_place(
    ringing: Face, app: Talk
) -> None:
    first, again = ask(ringing, app), ask(ringing, app, number="+447700900123")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert ask(ringing, app, part="evening").status_code == 201
    assert [row.state for row in calls.rows(ringing.adapters)] == ["cancelled", "asked"]
    assert len(ringing.texts(app)) == 2


def test_nothing_is_left_on_a_voicemail_unless_the_app_says_yes(ringing: Face, app: Talk) -> None:
    ask(ringing, app)
    ask(ringing, app, voicemail=True, shared_phone=True)
    default, wanted = calls.rows(ringing.adapters)
    assert (default.may_leave_voicemail, default.is_shared_phone) == (False, False)
    assert (wanted.may_leave_voicemail, wanted.is_shared_phone) == (True, True)


@pytest.mark.parametrize(
    "without", [{}, {"if_answered": "own_name"}, {"if_answered": "own_name", "own_name": " "}]
)
def test_a_name_that_was_chosen_stays_where_it_is_left_out(
    ringing: Face, app: Talk, without: dict[str, Any]
) -> None:
    ask(ringing, app, if_answered="own_name", own_name="Aunt Mary")
    kept = ask(ringing, app, part="evening", **without)
    assert kept.status_code == 201
    assert (kept.json()["if_answered"], kept.json()["own_name"]) == ("own_name", "Aunt Mary")
    assert ask(ringing, app, part="evening", **without).status_code == 200


def test_another_answer_removes_the_name(ringing: Face, app: Talk) -> None:
    ask(ringing, app, if_answered="own_name", own_name="Aunt Mary")
    assert ask(ringing, app, if_answered="nothing").json()["own_name"] is None
    assert problem_of(ask(ringing, app, if_answered="own_name")) == "no-name"


@pytest.mark.parametrize(
    ("changes", "refusal", "says"),
    [
        ({"number": ""}, "not-a-number", "not a telephone number"),
        ({"number": "999"}, "not-a-number", "not a telephone number"),
        ({"number": "x" * 5000}, "not-a-number", "not a telephone number"),
        ({"number": "0909 8790123"}, "number-not-rung", ""),
        ({"number": "+1 202 555 0123"}, "number-not-rung", ""),
        ({"number": "07400 123456"}, "number-not-rung", ""),
        ({"day": "2026-11-01"}, "time-over", "still to come"),
        ({"day": THURSDAY}, "time-not-offered", "Nobody is here"),
        ({"part": "night"}, "time-not-offered", "Nobody is here"),
        ({"if_answered": "shout"}, "unknown-answer", "not one of the answers"),
        ({"if_answered": "own_name"}, "no-name", "own_name is empty"),
        ({"if_answered": "own_name", "own_name": " "}, "no-name", "own_name is empty"),
        ({"day": "soon"}, "invalid", ""),
        ({"voicemail": "yes"}, "invalid", ""),
        ({"number": None}, "invalid", ""),
    ],
)
def test_a_wish_that_cannot_be_taken_is_refused_in_words_and_changes_nothing(
    ringing: Face, app: Talk, changes: dict[str, Any], refusal: str, says: str
) -> None:
    ask(ringing, app)
    answer = ask(ringing, app, **changes)
    assert (answer.status_code, problem_of(answer)) == (422, refusal)
    detail = answer.json()["detail"]
    assert says in detail
    assert " " in detail
    number = str(changes.get("number") or NUMBER)
    assert number not in detail
    assert [row.state for row in calls.rows(ringing.adapters)] == ["asked"]
    assert len(ringing.texts(app)) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"number": "07700 900123"}'])
def test_a_body_of_another_shape_is_refused(ringing: Face, app: Talk, body: bytes) -> None:
    answer = ringing.client.post(PATH, content=body, headers=app.bearer)
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.text(max_size=30) | st.from_regex(r"\+?[0-9 ]{0,16}", fullmatch=True),
    day=st.sampled_from([TODAY, TOMORROW, WEDNESDAY, THURSDAY, "9999-12-31", "0001-01-01"]),
    part=st.sampled_from(["morning", "evening", "", "x"]),
)
def test_whatever_comes_is_taken_or_refused(
    ringing: Face, app: Talk, number: str, day: str, part: str
) -> None:
    answer = ask(ringing, app, number=number, day=day, part=part)
    assert answer.status_code in {200, 201, 422}, answer.text


def test_only_the_childs_own_token_asks_shows_or_cancels(ringing: Face, app: Talk) -> None:
    ask(ringing, app)
    other = ringing.begin()
    assert get(ringing, other).status_code == 404
    assert ringing.client.delete(PATH, headers=other.bearer).status_code == 204
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {app.token}"}):
        for method in ("POST", "GET", "DELETE"):
            answer = ringing.client.request(method, PATH, json=WISH, headers=headers)
            assert (answer.status_code, problem_of(answer)) == (401, "not-authorised"), method
    assert get(ringing, app).status_code == 200
    assert len(calls.rows(ringing.adapters)) == 1


def test_another_sites_page_is_refused_even_with_a_token(ringing: Face, app: Talk) -> None:
    for origin in ("https://evil.example", "null"):
        for method in ("POST", "DELETE"):
            headers = app.bearer | {"Origin": origin}
            answer = ringing.client.request(method, PATH, json=WISH, headers=headers)
            assert (answer.status_code, problem_of(answer)) == (403, "foreign-origin"), origin
    assert calls.rows(ringing.adapters) == []


def test_a_pages_cookie_needs_its_csrf_token_to_change_something(ringing: Face, app: Talk) -> None:
    ask(ringing, app)
    ringing.client.cookies.set("s", app.token)
    ours = {"Origin": CHILD_ORIGIN}
    assert ringing.client.get(PATH, headers=ours).status_code == 200
    for method in ("POST", "DELETE"):
        answer = ringing.client.request(method, PATH, json=WISH, headers=ours)
        assert (answer.status_code, problem_of(answer)) == (403, "no-csrf-token"), method
    ringing.client.cookies.clear()
    assert get(ringing, app).status_code == 200


def test_the_answer_is_the_same_whatever_that_phone_once_texted(ringing: Face, app: Talk) -> None:
    answers = set()
    for state in (TextState.NEW, TextState.STOPPED, TextState.PAUSED):
        answers.add(ask(ringing, app).content)
        ringing.client.delete(PATH, headers=app.bearer)
        with ringing.adapters.transactions.begin() as session:
            session.execute(sa.update(Phone).values(state=state))
    answers.add(ask(ringing, app).content)
    assert len(answers) == 1


def test_what_is_not_kept_is_asked_for_again_and_stands_there_once(
    ringing: Face, app: Talk
) -> None:
    ringing.adapters.writer.is_alive = False
    answer = ask(ringing, app)
    ringing.adapters.writer.is_alive = True
    assert (answer.status_code, problem_of(answer)) == (503, "not-kept")
    assert "retry-after" in answer.headers
    assert calls.rows(ringing.adapters) == []
    assert ask(ringing, app).status_code == 201
    assert len(ringing.texts(app)) == 1


def test_a_window_that_has_begun_lasts_from_now_on(ringing: Face, app: Talk, clock: Clock) -> None:
    clock.advance(timedelta(hours=1))
    asked = ask(ringing, app, day=TODAY, part="morning").json()
    assert (asked["from"], asked["until"]) == ("2026-11-02T11:00:00Z", "2026-11-02T12:00:00Z")


def test_no_number_and_no_name_is_in_a_log_or_an_address(ringing: Face, app: Talk) -> None:
    with capture_logs() as logged:
        ask(ringing, app, if_answered="own_name", own_name="Zebrakanarie")
        ask(ringing, app, number="07400 123456")
        ringing.adapters.writer.is_alive = False
        ask(ringing, app, part="evening")
        ringing.client.delete(PATH, headers=app.bearer)
        ringing.adapters.writer.is_alive = True
    said = str(logged)
    assert "call_back.cancelled_without_words" in said
    for word in ("900123", "900 123", "123456", "Zebrakanarie"):
        assert word not in said
    assert "{" not in "".join(each.path for each in call_back_api.routes)


def test_without_telephones_there_is_no_such_address(face: Face, talk: Talk) -> None:
    for method in ("POST", "GET", "DELETE"):
        answer = face.client.request(method, PATH, json=WISH, headers=talk.bearer)
        assert (answer.status_code, problem_of(answer)) == (404, "not-found")
    assert "/call-backs" not in face.client.get(f"{API}/openapi.json").json()["paths"]


def test_the_document_describes_what_is_mounted_and_the_protocol_names_it(ringing: Face) -> None:
    described = ringing.client.get(f"{API}/openapi.json").json()
    mounted = {
        (route.path, method.lower())
        for route in asgi._api(ringing.adapters).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    written = {(path, method) for path, item in described["paths"].items() for method in item}
    assert mounted <= written
    operations = described["paths"]["/call-backs"]
    assert set(operations) == {"post", "get", "delete"}
    names = [each["operationId"] for item in described["paths"].values() for each in item.values()]
    assert len(names) == len(set(names))
    for method, operation in operations.items():
        assert ("csrf" in operation["security"][1]) is (method != "get"), method
    schemas = described["components"]["schemas"]
    references = re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(described))
    assert set(references) <= set(schemas)
    told = PROTOCOL.read_text("utf-8")
    names_told = [
        *schemas["NewCallBack"]["properties"],
        *schemas["PlannedCallBack"]["properties"],
        *schemas["NewCallBack"]["properties"]["part"]["enum"],
        *schemas["NewCallBack"]["properties"]["if_answered"]["enum"],
        *(each.problem.type for each in call_back_api.REFUSALS.values()),
        call_back_api.NUMBER_NOT_RUNG,
    ]
    for name in names_told:
        assert name in told, name
