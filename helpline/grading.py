"""`helpline triage`: the same engine as the service, on JSON lines."""

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


def graded(line: str) -> str:
    """The grade of one line, as a JSON line; a line that is no text says so and grades nothing."""
    try:
        read = lenient_json.decode(line, _texts)
    except lenient_json.UnreadableError:
        return _line({"error": "This line is not JSON with an id and a text."})
    found = assessment.assess(read.text)
    return _line(
        {
            "id": read.id,
            "grade": found.grade.value,
            "score": round(found.score, 4),
            "concerns": found.concerns,
            "reasons": [asdict(reason) for reason in found.reasons],
            "language": found.language,
        }
    )


def _line(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
