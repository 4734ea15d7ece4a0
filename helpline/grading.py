"""`helpline triage`: the same engine as the service, on JSON lines."""

import json
from dataclasses import asdict
from typing import Any

import msgspec

from integrations import lenient_json
from triage import assessment


class Text(msgspec.Struct):
    """One text to grade."""

    id: str | int
    text: str


_texts: msgspec.json.Decoder[Text] = msgspec.json.Decoder(Text)


def graded(line: str, *, number: int) -> str:
    """The grade of one line, as a JSON line.

    A line that is no text grades nothing: it says so, with its ``number`` and its id if it has one.
    """
    try:
        read = lenient_json.decode(line, _texts)
    except lenient_json.UnreadableError:
        said = "This line is not JSON with an id and a text."
        return _line({"id": _id_in(line), "line": number, "error": said})
    found = assessment.assess(read.text)
    return _line(
        {
            "id": _whole(read.id),
            "grade": found.grade.value,
            "score": round(found.score, 4),
            "concerns": found.concerns,
            "reasons": [asdict(reason) for reason in found.reasons],
            "language": found.language,
        }
    )


def _id_in(line: str) -> str | int | None:
    try:
        loose: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = loose.get("id") if isinstance(loose, dict) else None
    if not isinstance(found, str | int) or isinstance(found, bool):
        return None
    return _whole(found)


def _whole(found: str | int) -> str | int:
    # Half of a pair of surrogates is no letter and cannot be written; U+FFFD stands for it.
    if isinstance(found, str):
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return found


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
