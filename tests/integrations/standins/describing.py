"""Holds what goes over the wire against an OpenAPI description of Twilio's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
# A name in an address stands for one identifier.
NAMED = re.compile(r"\{\w+\}")
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


class Description:
    """An OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._paths = {
            NAMED.sub("{}", path): operations for path, operations in document["paths"].items()
        }

    def answer_faults(self, method: str, path: str, *, status: int, answer: Any) -> list[str]:
        """Return what is wrong with an answer; an empty list means nothing.

        Every field of the schema must be there, no other may be, and each has its type and form.
        """
        responses = self._operation(method, path)["responses"]
        if str(status) not in responses:
            return [f"status {status} is not described"]
        content = responses[str(status)].get("content", {})
        if not content:
            return [] if answer is None else ["a body where none is described"]
        schema = content["application/json"]["schema"]
        return list(self._faults(answer, schema, "answer"))

    def request_faults(
        self, method: str, path: str, fields: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Return what is wrong with a request: fields that are unknown, missing or malformed."""
        operation = self._operation(method, path)
        if method == "POST":
            schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"][
                "schema"
            ]
            known, required = schema["properties"], schema.get("required", [])
        else:
            parameters = operation.get("parameters", [])
            known = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
            required = [
                each["name"]
                for each in parameters
                if each["in"] == "query" and each.get("required")
            ]
        found = [f"{name} is missing" for name in required if name not in fields]
        for name, values in fields.items():
            if name not in known:
                found.append(f"{name} is unknown")
            elif self._resolve(known[name]).get("type") != "array" and len(values) > 1:
                found.append(f"{name} is given {len(values)} times")
        return found

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        template = NAMED.sub("{}", SID.sub("{}", path))
        operation: Mapping[str, Any] = self._paths[template][method.lower()]
        return operation

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._document["components"]["schemas"][name]
        return schema

    def _faults(self, value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
        schema = self._resolve(schema)
        if value is None:
            # An enumeration says nowhere whether it may be empty; ours never is.
            if not schema.get("nullable"):
                yield f"{where} is empty"
            return
        expected = TYPES[schema.get("type", "object")]
        if not isinstance(value, expected) or (
            isinstance(value, bool) and schema["type"] != "boolean"
        ):
            yield f"{where} is a {type(value).__name__}, not a {schema['type']}"
            return
        if isinstance(value, str):
            yield from _malformed(value, schema, where)
        if isinstance(value, list):
            for number, each in enumerate(value):
                yield from self._faults(each, schema["items"], f"{where}[{number}]")
        if isinstance(value, dict) and "properties" in schema:
            yield from self._field_faults(value, schema["properties"], where)

    def _field_faults(
        self, value: Mapping[str, Any], known: Mapping[str, Any], where: str
    ) -> Iterator[str]:
        for name in value.keys() - known.keys():
            yield f"{where}.{name} is unknown"
        for name, schema in known.items():
            if name in value:
                yield from self._faults(value[name], schema, f"{where}.{name}")
            else:
                yield f"{where}.{name} is missing"


def _malformed(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is none of the described values"
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield f"{where} has another form"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{where} has another length"
    if schema.get("format") == "date-time-rfc-2822" and not _is_rfc2822(value):
        yield f"{where} is no date"


def _is_rfc2822(value: str) -> bool:
    try:
        return parsedate_to_datetime(value).tzinfo is not None
    except ValueError:
        return False
