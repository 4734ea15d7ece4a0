"""The check of our requests against Twilio's description, tried on what it must find."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.twilio import openapi_check, recording
from tests.integrations.twilio.recording import Asked

PATH = "/2010-04-01/Accounts/{Sid}/Things.json"
ADDRESS = f"https://api.twilio.com/2010-04-01/Accounts/{recording.ACCOUNT}/Things.json"
SID: dict[str, Any] = {
    "name": "Sid",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^AC[0-9a-f]{32}$"},
}
DOCUMENT: dict[str, Any] = {
    "components": {"schemas": {"colour": {"type": "string", "enum": ["red", "blue"]}}},
    "paths": {
        PATH: {
            "servers": [{"url": "https://api.twilio.com"}],
            "get": {
                "parameters": [
                    SID,
                    {
                        "name": "Since",
                        "in": "query",
                        "schema": {"type": "string", "format": "date-time"},
                    },
                    {
                        "name": "Size",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 9},
                    },
                ]
            },
            "post": {
                "parameters": [SID],
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "required": ["To"],
                                "properties": {
                                    "To": {"type": "string", "format": "phone-number"},
                                    "Url": {"type": "string", "format": "uri"},
                                    "Loud": {"type": "boolean"},
                                    "Colour": {"$ref": "#/components/schemas/colour"},
                                    "Each": {"type": "array", "items": {"type": "integer"}},
                                },
                            }
                        }
                    }
                },
            },
        }
    },
}
TO = ("To", recording.CHILD)


def faults(asked: Asked) -> list[str]:
    return openapi_check.Description(DOCUMENT).faults(asked)


def posted(*form: tuple[str, str]) -> list[str]:
    return faults(Asked(method="POST", path=ADDRESS, form=form))


def got(*query: tuple[str, str]) -> list[str]:
    return faults(Asked(method="GET", path=ADDRESS, query=query))


def test_what_the_description_allows_has_no_fault() -> None:
    assert not posted(
        TO,
        ("Url", "https://staff.example.org/a"),
        ("Loud", "true"),
        ("Colour", "red"),
        ("Each", "1"),
        ("Each", "2"),
    )
    assert not got(("Since", "2026-03-04T11:59:59Z"), ("Size", "9"))


@pytest.mark.parametrize(
    "form",
    [
        [],
        [TO, ("Unknown", "1")],
        [TO, TO],
        [("To", "07700 900123")],
        [TO, ("Url", "https://under_score.example.org")],
        [TO, ("Url", "/twilio/status")],
        [TO, ("Loud", "True")],
        [TO, ("Colour", "green")],
        [TO, ("Each", "[1, 2]")],
    ],
)
def test_a_form_with_a_fault_is_found(form: list[tuple[str, str]]) -> None:
    assert len(posted(*form)) == 1


@pytest.mark.parametrize(
    "query",
    [("Size", "0"), ("Size", "10"), ("Size", "many"), ("Since", "yesterday"), ("Loud", "true")],
)
def test_a_query_with_a_fault_is_found(query: tuple[str, str]) -> None:
    assert len(got(query)) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", ADDRESS),
        ("GET", ADDRESS.replace("Things", "Others")),
        ("GET", ADDRESS.replace("https://api.", "https://other.")),
        ("GET", ADDRESS.replace("/AC", "/XX")),
    ],
)
def test_another_method_path_server_or_sid_is_found(method: str, path: str) -> None:
    assert len(faults(Asked(method=method, path=path))) == 1


def test_the_command_prints_every_request_and_fails_on_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "description.json"
    file.write_text(json.dumps(DOCUMENT))
    assert openapi_check.main([str(file)]) == 1
    printed = capsys.readouterr().out
    assert printed.count("FAULT") == len(recording.every_request().asked)
    assert "ValidityPeriod = 14400" in printed


def test_the_command_without_a_file_says_how_it_is_used() -> None:
    assert openapi_check.main([]) == 2
