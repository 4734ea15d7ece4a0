"""What is held against a description: the checker sees what is wrong."""

from typing import Any

import pytest

from tests.integrations.standins.describing import Description

THING = {
    "type": "object",
    "properties": {
        "sid": {"type": "string", "minLength": 4, "maxLength": 4, "pattern": "^SM"},
        "status": {"$ref": "#/components/schemas/status"},
        "code": {"type": "integer", "nullable": True},
        "made": {"type": "string", "format": "date-time-rfc-2822"},
    },
}
FORM = {
    "type": "object",
    "required": ["To"],
    "properties": {"To": {"type": "string"}, "Each": {"type": "array"}},
}
LIST = {
    "type": "object",
    "properties": {"things": {"type": "array", "items": {"$ref": "#/components/schemas/thing"}}},
}


def response(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


DESCRIPTION = Description(
    {
        "components": {
            "schemas": {"thing": THING, "status": {"type": "string", "enum": ["queued", "sent"]}}
        },
        "paths": {
            "/things/{Sid}.json": {
                "get": {"responses": {"200": response({"$ref": "#/components/schemas/thing"})}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
            "/things.json": {
                "get": {
                    "parameters": [
                        {"name": "Made>", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": {"200": response(LIST)},
                },
                "post": {
                    "requestBody": {
                        "content": {"application/x-www-form-urlencoded": {"schema": FORM}}
                    },
                    "responses": {},
                },
            },
        },
    }
)
GOOD = {"sid": "SM12", "status": "sent", "code": None, "made": "Mon, 02 Nov 2026 10:00:00 +0000"}
ONE = "/things/{Sid}.json"


def answer_faults(answer: Any, *, status: int = 200) -> list[str]:
    return DESCRIPTION.answer_faults("GET", ONE, status=status, answer=answer)


def test_an_answer_as_described_has_no_fault() -> None:
    assert answer_faults(GOOD) == []
    assert answer_faults(GOOD | {"code": 30005}) == []
    listed = {"things": [GOOD, GOOD]}
    assert DESCRIPTION.answer_faults("GET", "/things.json", status=200, answer=listed) == []
    assert DESCRIPTION.answer_faults("DELETE", ONE, status=204, answer=None) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"sid": "XX12"}, "answer.sid has another form"),
        ({"sid": "SM123"}, "answer.sid has another length"),
        ({"sid": None}, "answer.sid is empty"),
        ({"status": "lost"}, "answer.status is none of the described values"),
        ({"code": "30005"}, "answer.code is a str, not a integer"),
        ({"code": True}, "answer.code is a bool, not a integer"),
        ({"made": "2026-11-02T10:00:00Z"}, "answer.made is no date"),
        ({"other": 1}, "answer.other is unknown"),
    ],
)
def test_each_fault_of_an_answer_is_seen(change: dict[str, Any], fault: str) -> None:
    assert answer_faults(GOOD | change) == [fault]


def test_a_missing_field_another_status_and_a_faulty_row_are_seen() -> None:
    without = {name: value for name, value in GOOD.items() if name != "made"}
    assert answer_faults(without) == ["answer.made is missing"]
    assert answer_faults(GOOD, status=201) == ["status 201 is not described"]
    assert DESCRIPTION.answer_faults(
        "GET", "/things.json", status=200, answer={"things": [GOOD, without]}
    ) == ["answer.things[1].made is missing"]
    assert DESCRIPTION.answer_faults("DELETE", ONE, status=204, answer=GOOD) != []


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"To": ["x"], "Each": ["1", "2"]}, []),
        ({}, ["To is missing"]),
        ({"To": ["x"], "Tpo": ["y"]}, ["Tpo is unknown"]),
        ({"To": ["x", "y"]}, ["To is given 2 times"]),
    ],
)
def test_each_fault_of_a_request_is_seen(fields: dict[str, list[str]], faults: list[str]) -> None:
    assert DESCRIPTION.request_faults("POST", "/things.json", fields) == faults


def test_a_filter_is_known_by_its_whole_name() -> None:
    assert DESCRIPTION.request_faults("GET", "/things.json", {"Made>": ["x"]}) == []
    assert DESCRIPTION.request_faults("GET", "/things.json", {"Made": ["x"]}) == ["Made is unknown"]
