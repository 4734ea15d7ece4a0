"""Which face a request is for, and whether it came from that face's own pages."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from helpline import origins
from helpline.origins import Face
from helpline.settings import Settings
from tests import installation
from tests.stores import Stores

DEMO = installation.settings_for(Stores(database_url="sqlite:///a", keystore_url="sqlite:///b"))
LIVE = replace(
    DEMO,
    child_origin="https://home.example",
    staff_origin="https://console.example:8443",
    demo=False,
)


def request(settings: Settings, **headers: str) -> HTTPConnection:
    app = SimpleNamespace(state=SimpleNamespace(adapters=SimpleNamespace(settings=settings)))
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "app": app})


@pytest.mark.parametrize(
    ("host", "face"),
    [
        ("home.example", "child"),
        ("home.example:443", "child"),
        ("HOME.example", "child"),
        ("console.example:8443", "staff"),
        ("console.example", None),
        ("home.example:8443", None),
        ("home.example:80", None),
        ("evil.example", None),
        ("home.example.evil.example", None),
        ("127.0.0.1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_host_names_one_face_or_none(host: str | None, face: Face | None) -> None:
    assert origins.face_of(LIVE, host) == face


@pytest.mark.parametrize(
    ("host", "face"),
    [
        ("127.0.0.1:8000", "child"),
        ("localhost:8000", "child"),
        ("[::1]:8000", "child"),
        ("localhost:8001", "staff"),
        ("127.0.0.1", None),
        ("127.0.0.1:8002", None),
        ("evil.example:8000", None),
    ],
)
def test_in_the_demo_the_port_names_the_face_under_every_name_of_the_machine(
    host: str, face: Face | None
) -> None:
    assert origins.face_of(DEMO, host) == face


@given(st.text(st.characters(codec="latin-1"), max_size=40))
def test_no_host_header_is_an_error(host: str) -> None:
    origins.face_of(LIVE, host)
    origins.face_of(DEMO, f"127.0.0.1:{host}")
    origins.same_origin(host, LIVE.child_origin)


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("https://home.example", True),
        ("https://home.example:443", True),
        ("http://home.example", False),
        ("https://console.example:8443", False),
        ("https://home.example:8443", False),
        ("https://evil.example", False),
        ("https://home.example.evil.example", False),
        ("null", False),
        ("", False),
        ("https://[", False),
        ("https://home.example:99999", False),
    ],
)
def test_a_page_of_another_origin_is_not_ours(origin: str, *, is_ours: bool) -> None:
    assert origins.is_ours(request(LIVE, origin=origin), face="child") is is_ours


def test_each_face_takes_its_own_pages_only() -> None:
    for face, own, other in (
        ("child", LIVE.child_origin, LIVE.staff_origin),
        ("staff", LIVE.staff_origin, LIVE.child_origin),
    ):
        assert origins.is_ours(request(LIVE, origin=own), face=face)  # type: ignore[arg-type]  # one of the two
        assert not origins.is_ours(request(LIVE, origin=other), face=face)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("site", "is_ours"),
    [
        (None, True),
        ("same-origin", True),
        ("none", True),
        ("same-site", False),
        ("cross-site", False),
        ("anything", False),
    ],
)
def test_without_an_origin_a_request_must_not_call_itself_anothers(
    site: str | None, *, is_ours: bool
) -> None:
    given = {} if site is None else {"sec_fetch_site": site}
    assert origins.is_ours(request(LIVE, **given), face="child") is is_ours


def test_an_origin_counts_more_than_what_a_request_calls_itself() -> None:
    asked = request(LIVE, origin="https://evil.example", sec_fetch_site="same-origin")
    assert not origins.is_ours(asked, face="child")
