"""The API's lists: filters, and pages that follow each other by a token."""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from integrations.standins.twilio import dates, errors, forms

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", flags=re.ASCII)
SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", flags=re.ASCII)
USUAL_PAGE = 50
LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What can be listed, and by which fields."""

    table: str
    key: str  # what the list is called in the answer
    equals: Mapping[str, str]  # field of the request -> column
    between: Mapping[str, str]  # the same for times: `Field`, `Field<` and `Field>`


TEXTS = Listed(
    table="text",
    key="messages",
    equals={"To": "recipient", "From": "sender"},
    between={"DateSent": "sent"},
)
CALLS = Listed(
    table="call",
    key="calls",
    equals={
        "To": "recipient",
        "From": "sender",
        "ParentCallSid": "parent",
        "Status": "status",
    },
    between={"StartTime": "started", "EndTime": "ended"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of rows, the newest first, and where the next one is."""

    rows: list[sqlite3.Row]
    number: int
    size: int
    token: str | None  # of the next page

    def frame(self, *, path: str, query: forms.Form) -> dict[str, object]:
        """Return what the answer says beside the rows."""
        start = self.number * self.size
        kept = [
            (name, value)
            for name, values in query.items()
            if name not in {"Page", "PageToken", "PageSize"}
            for value in values
        ]

        def uri(number: int, token: str | None) -> str:
            pages = [("PageSize", str(self.size)), ("Page", str(number))]
            token_pairs = [("PageToken", token)] if token else []
            return f"{path}?{urlencode(kept + pages + token_pairs)}"

        return {
            "first_page_uri": uri(0, None),
            # Twilio can also go back; nobody here does.
            "previous_page_uri": None,
            "next_page_uri": uri(self.number + 1, self.token) if self.token else None,
            "page": self.number,
            "page_size": self.size,
            "start": start,
            "end": start + max(0, len(self.rows) - 1),
            "uri": uri(self.number, forms.first(query, "PageToken") or None),
        }


def page(file: sqlite3.Connection, listed: Listed, query: forms.Form, *, until: int) -> Page:
    """Return one page of what was made before `until`.

    A later page is reached by its token only, as Twilio has it: it names the last row before, so
    that what arrives in between moves nothing. Raises ApiError for a filter that is none.
    """
    size, number = _whole(query, "PageSize", USUAL_PAGE), _whole(query, "Page", 0)
    size = min(max(1, size), LONGEST_PAGE)
    where, values = ["NOT is_removed", "created <= ?"], [until]
    limits: list[object] = list(values)
    for name, column in listed.equals.items():
        if wanted := forms.first(query, name):
            where.append(f"{column} = ?")
            limits.append(wanted)
    for name, column in listed.between.items():
        for sign in ("", "<", ">"):
            if wanted := forms.first(query, name + sign):
                begins, ends = _span(wanted)
                # `<` and `>` include the day or the second that they name.
                if sign != "<":
                    where.append(f"{column} >= ?")
                    limits.append(begins)
                if sign != ">":
                    where.append(f"{column} < ?")
                    limits.append(ends)
    token = forms.first(query, "PageToken")
    if token:
        where.append(
            f"(created, id) < (SELECT created, id FROM {listed.table} WHERE 'PA' || sid = ?)"  # noqa: S608 - a name from above
        )
        limits.append(token)
    elif number:
        raise errors.ApiError(status=400, code=20001, detail="Page without PageToken")
    rows = file.execute(
        f"SELECT * FROM {listed.table} WHERE {' AND '.join(where)}"  # noqa: S608 - columns and tables from above
        " ORDER BY created DESC, id DESC LIMIT ?",
        (*limits, size + 1),
    ).fetchall()
    shown = rows[:size]
    more = len(rows) > size
    return Page(
        rows=shown, number=number, size=size, token=f"PA{shown[-1]['sid']}" if more else None
    )


def _whole(query: forms.Form, name: str, usual: int) -> int:
    value = forms.first(query, name)
    if not value:
        return usual
    if not value.isdecimal():
        raise errors.ApiError(status=400, code=20001, detail=name)
    return int(value)


def _span(text: str) -> tuple[int, int]:
    """Return where a day, or a second, begins and where the next one does."""
    try:
        if DAY.fullmatch(text):
            begins, length = datetime.fromisoformat(text).replace(tzinfo=UTC), timedelta(days=1)
        elif SECOND.fullmatch(text):
            begins, length = datetime.fromisoformat(text), timedelta(seconds=1)
        else:
            raise errors.ApiError(status=400, code=20001, detail="date")
    except ValueError as not_a_date:
        raise errors.ApiError(status=400, code=20001, detail="date") from not_a_date
    return dates.stamp(begins), dates.stamp(begins + length)
