"""Whether what the adapters ask is what Twilio's own OpenAPI description allows.

    python -m tests.integrations.twilio.openapi_check FILE

FILE is the description, or a part of it with the paths of messages and calls. It is not kept here.
Prints every request with each of its fields, and a verdict; ends with 1 on any fault. A field that
the description does not name is a fault, although Twilio itself would pass over it.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.integrations.twilio import recording
from tests.integrations.twilio.recording import Asked

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
HOST = re.compile(r"[A-Za-z0-9.-]+")  # "underscores are not permitted"


class Description:
    """The part of the description that says what a request may hold."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def faults(self, asked: Asked) -> list[str]:
        """Everything about a request that the description does not allow."""
        address = urlsplit(asked.path)
        found = self._operation(address.path, asked.method.lower())
        if found is None:
            return [f"no {asked.method} at {address.path}"]
        described, operation, in_path = found
        faults = []
        servers = [server["url"] for server in described.get("servers", [])]
        if f"{address.scheme}://{address.netloc}" not in servers:
            faults.append(f"not on any of {servers}")
        parameters = {
            place: {
                each["name"]: each
                for each in operation.get("parameters", [])
                if each["in"] == place
            }
            for place in ("path", "query")
        }
        faults += self._pairs(in_path, {k: v["schema"] for k, v in parameters["path"].items()})
        faults += self._pairs(asked.query, {k: v["schema"] for k, v in parameters["query"].items()})
        form = self._form(operation)
        faults += self._pairs(asked.form, form.get("properties", {}))
        given = {name for name, _ in (*in_path, *asked.query, *asked.form)}
        required = [
            *form.get("required", []),
            *(n for p in parameters.values() for n, each in p.items() if each.get("required")),
        ]
        return faults + [f"{name}: required and missing" for name in required if name not in given]

    def _operation(
        self, path: str, method: str
    ) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]] | None:
        for template, described in self._document["paths"].items():
            names = re.findall(r"\{(\w+)\}", template)
            pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(template))
            match = re.fullmatch(pattern, path)
            if match and method in described:
                values = [unquote(value) for value in match.groups()]
                return described, described[method], list(zip(names, values, strict=True))
        return None

    def _form(self, operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        form: dict[str, Any] = content.get("application/x-www-form-urlencoded", {}).get(
            "schema", {}
        )
        return form

    def _pairs(self, pairs: Sequence[tuple[str, str]], schemas: dict[str, Any]) -> Iterator[str]:
        seen: set[str] = set()
        for name, value in pairs:
            schema = self._resolved(schemas.get(name))
            if schema is None:
                yield f"{name}: not in the description"
                continue
            if schema.get("type") == "array":
                schema = self._resolved(schema["items"]) or {}
            elif name in seen:
                yield f"{name}: given twice"
            seen.add(name)
            if (fault := _fault(value, schema)) is not None:
                yield f"{name}: {fault}"

    def _resolved(self, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        if schema is None or "$ref" not in schema:
            return schema
        found: Any = self._document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        resolved: dict[str, Any] = found
        return resolved


def _fault(value: str, schema: dict[str, Any]) -> str | None:
    checks = {
        "boolean": value in {"true", "false"},
        "integer": re.fullmatch(r"-?[0-9]+", value) is not None,
        "string": True,
    }
    kind = schema.get("type", "string")
    if not checks.get(kind, False):
        return f"not of type {kind}"
    if kind == "integer":
        lowest, highest = schema.get("minimum"), schema.get("maximum")
        if (lowest is not None and int(value) < lowest) or (
            highest is not None and int(value) > highest
        ):
            return f"not within {lowest} and {highest}"
    if "enum" in schema and value not in schema["enum"]:
        return f"none of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"not like {schema['pattern']}"
    return _form_fault(value, schema.get("format"))


def _form_fault(value: str, form: str | None) -> str | None:
    if form in {"phone-number", "endpoint"}:
        right = PHONE.fullmatch(value) is not None
    elif form == "uri":
        address = urlsplit(value)
        right = address.scheme in {"http", "https"} and bool(HOST.fullmatch(address.hostname or ""))
    elif form == "date-time":
        try:
            right = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            right = False
    else:
        # int64, http-method and the like say no more than type and enum do.
        right = form in {None, "int64", "http-method"}
    return None if right else f"not of the form {form}"


def main(arguments: Sequence[str]) -> int:
    """Print each request beside what is wrong with it, and return how a shell should take it."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    description = Description(json.loads(Path(arguments[0]).read_text("utf-8")))
    failed = 0
    requests = recording.every_request().asked
    for asked in requests:
        faults = description.faults(asked)
        failed += bool(faults)
        lines = [f"{'FAULT' if faults else 'ok'}  {asked.method} {asked.path}"]
        lines += [f"      ? {name} = {value}" for name, value in asked.query]
        lines += [f"      - {name} = {value}" for name, value in asked.form]
        lines += [f"      ! {fault}" for fault in faults]
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(f"{len(requests)} requests, {failed} with faults\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
