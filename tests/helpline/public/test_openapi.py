"""The document of the child's API: whole, true to the code, and told in docs/protocol.md."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route, WebSocketRoute

from chat import conversation as rules
from chat import frames, webchat
from chat.errors import BadClientIdError
from helpline import asgi
from helpline.public import api, openapi, problems, stream
from tests.helpline.public.face import API, Face

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


@pytest.fixture
def described(face: Face) -> dict[str, Any]:
    answer = face.client.get(f"{API}/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_what_is_mounted_is_described_and_the_reverse(
    face: Face, described: dict[str, Any]
) -> None:
    mounted = set()
    for route in asgi._api(face.adapters).routes:
        if isinstance(route, Route):
            assert route.methods is not None
            mounted |= {(route.path, each.lower()) for each in route.methods - {"HEAD"}}
        else:
            assert isinstance(route, WebSocketRoute)
            mounted.add((route.path, "get"))
    assert mounted == {(path, method) for path, method, _ in operations(described)}


def test_a_route_that_nobody_described_fails() -> None:
    async def forgotten() -> None: ...

    with pytest.raises(KeyError):
        openapi.describe([Route("/forgotten", forgotten)], session_cookie="s")


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    references = re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(described))
    assert references
    assert set(references) <= set(described["components"]["schemas"])


def test_every_operation_is_whole(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))
    schemes = described["components"]["securitySchemes"]
    for path, _, operation in operations(described):
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        assert operation["summary"]
        assert operation["description"]
        assert "default" in operation["responses"]
        assert {name for need in operation["security"] for name in need} <= set(schemes)


def test_what_changes_something_asks_a_page_for_its_csrf_token(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        if "{conversation}" in path:
            page = operation["security"][1]
            assert ("csrf" in page) is (method == "post")


def test_the_session_cookie_is_named_as_it_is_on_https() -> None:
    described = openapi.describe([*api.routes, *stream.routes], session_cookie="__Host-s")
    assert described["components"]["securitySchemes"]["cookie"]["name"] == "__Host-s"


@given(client_id=st.text(max_size=70) | st.from_regex(r"[A-Za-z0-9_-]{0,70}"))
def test_the_form_of_a_client_id_is_the_one_that_is_checked(client_id: str) -> None:
    pattern = openapi._LIMITS["NewMessage", "client_id"]["pattern"]
    # JSON Schema's dollar is the very end, Python's may stand before a last line break.
    fits = re.search(pattern.replace("$", r"\Z"), client_id) is not None
    try:
        rules.checked_client_id(client_id)
    except BadClientIdError:
        assert not fits
    else:
        assert fits


def test_the_protocol_for_readers_names_everything(described: dict[str, Any]) -> None:
    told = PROTOCOL.read_text("utf-8")
    paths = [path.replace("{conversation}", "{id}") for path in described["paths"]]
    refusals = [each.problem.type for each in problems._REFUSALS.values()]
    frames_known = [
        struct.__struct_config__.tag
        for union in (frames.Incoming, frames.Outgoing)
        for struct in get_args(union)
    ]
    for name in (*paths, *refusals, *frames_known, *webchat.WHY.values(), "4401", "1009", "1013"):
        assert str(name) in told, name
