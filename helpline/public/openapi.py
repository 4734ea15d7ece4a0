"""The OpenAPI 3.1 document of the child's API, made from the routes and the structs themselves.

What the code cannot say by itself (which refusals an operation has, what a cursor means) stands in
one small table, :data:`OPERATIONS`, keyed by the function that answers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from chat import calling, frames
from chat import conversation as rules
from helpline.public import api, call_asking, call_back_api, cookies, entrance, stream
from helpline.public.problems import Problem
from helpline.public.reading import ShownMessage

if TYPE_CHECKING:
    from helpline.wiring import Adapters

VERSION = "1.0"
BASE = "/api/v1"
LARGEST_CURSOR = 2**31 - 1

_SCHEMAS = "#/components/schemas/{name}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _SCHEMAS.format(name="Problem")}}}

Document = dict[str, Any]

# What each refusal means here, whatever the operation. Problem names stand in docs/protocol.md.
REFUSALS: Mapping[int, str] = {
    401: "There is no token, or one that is not good any more.",
    403: "The call comes from another site's page, or a page's call lacks its CSRF token.",
    404: "There is no such conversation, or it is not this token's. The answer is the same.",
    405: "This address does not do that.",
    409: "This client_id was already used for other words.",
    413: "The text has more than 10,000 characters, or the body more than 131,072 bytes.",
    422: "The body or a parameter is not of the expected shape.",
    503: "It was not kept or not done. Try again after Retry-After, with the same client_id.",
}

_ENTERED = (401, 403, 404)

# Limits that the handlers check beyond the structs' types.
_LIMITS: Mapping[tuple[str, str], Document] = {
    ("NewMessage", "text"): {"minLength": 1, "maxLength": rules.MOST_CHARACTERS},
    ("NewMessage", "client_id"): {"pattern": "^[A-Za-z0-9_-]{1,64}$"},
    ("NewConversation", "language"): {
        "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$",
        "description": "A BCP 47 tag.",
    },
    ("NewConversation", "display_name"): {
        "maxLength": rules.MOST_CHARACTERS,
        "description": "What to call the child. The first 80 characters are kept.",
    },
    ("KeptMessage", "kept_at"): {"format": "date-time"},
    ("NewCallBack", "number"): {
        "description": "A British mobile or landline number, as people write it."
    },
    ("NewCallBack", "day"): {
        "description": f"England's date: today, or up to {calling.load().days_ahead} days ahead."
    },
    ("NewCallBack", "part"): {"enum": [*calling.load().parts]},
    ("NewCallBack", "if_answered"): {"enum": [*calling.load().scripts]},
    ("NewCallBack", "own_name"): {
        "description": f"The first {call_asking.LONGEST_NAME} characters are kept."
    },
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What is said of an operation beyond its path and method.

    ``answers`` maps a status to its description and the struct of its body, if it has one.
    ``changes`` says that a page's call needs the CSRF token; ``enters`` that a token is needed.
    """

    summary: str
    says: str
    answers: Mapping[HTTPStatus, tuple[str, Any]]
    refusals: tuple[int, ...]
    body: Any = None
    body_is_needed: bool = True
    query: tuple[Document, ...] = ()
    header: tuple[Document, ...] = ()
    changes: bool = False
    enters: bool = True


def _number(name: str, most: int, says: str) -> Document:
    schema = {"type": "integer", "minimum": 0, "maximum": most, "default": 0}
    return {"name": name, "in": "query", "required": False, "description": says, "schema": schema}


_AFTER = _number("after", LARGEST_CURSOR, "The cursor: only messages with a number above it.")


async def document(request: Request) -> Response:
    """GET /openapi.json: this document."""
    adapters: Adapters = entrance.adapters_of(request)
    return Response(
        _encoded(cookies.session_name(adapters.settings), has_phones=adapters.phones is not None),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


routes = [Route("/openapi.json", document, methods=["GET"])]


OPERATIONS: Mapping[Callable[..., Any], Operation] = {
    api.begin: Operation(
        summary="Begin a conversation",
        says="The token opens this conversation and no other. It is shown here only. "
        "The body may be left out.",
        answers={HTTPStatus.CREATED: ("The conversation has begun.", api.BegunConversation)},
        refusals=(403, 413, 422, 503),
        body=api.NewConversation,
        body_is_needed=False,
        enters=False,
    ),
    api.say: Operation(
        summary="Say something",
        says="The answer follows the commit: 201 means that the message is on disk. Send it again "
        "with the same client_id when no answer comes; it is kept once. NUL and lone surrogates "
        "are kept as U+FFFD.",
        answers={
            HTTPStatus.CREATED: ("The message is on disk.", api.KeptMessage),
            HTTPStatus.OK: ("It was on disk already. The first answer again.", api.KeptMessage),
        },
        refusals=(*_ENTERED, 409, 413, 422, 503),
        body=api.NewMessage,
        changes=True,
    ),
    api.listen: Operation(
        summary="Read messages, or wait for one",
        says="At most 500 messages, oldest first; ask again from the last number. With `wait` and "
        "nothing new the answer comes with the next message or when the time is over.",
        answers={HTTPStatus.OK: ("Messages above the cursor.", api.Messages)},
        refusals=(*_ENTERED, 422, 503),
        query=(
            _AFTER,
            _number("wait", int(api.LONGEST_WAIT_SECONDS), "Seconds to wait for a new message."),
        ),
    ),
    api.leave: Operation(
        summary="Leave",
        says="Staff see that the child has left. The conversation stays open and the token good.",
        answers={HTTPStatus.NO_CONTENT: ("Noted.", None)},
        refusals=(*_ENTERED, 503),
        changes=True,
    ),
    stream.events: Operation(
        summary="Messages as server-sent events",
        says="Each event is named `message`; its `id` is the message's number, its `data` the "
        "message. Comments keep the connection open. It ends when the service restarts: connect "
        "again, with `Last-Event-ID` or `after`.",
        answers={HTTPStatus.OK: ("The stream.", ShownMessage)},
        refusals=(*_ENTERED, 503),
        query=(_AFTER,),
        header=(
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "description": "As `after`, and before it. Browsers send it when they reconnect.",
                "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
            },
        ),
    ),
    stream.live: Operation(
        summary="The live socket",
        says="A WebSocket. The first frame is `hello`; see x-websocket.",
        answers={HTTPStatus.SWITCHING_PROTOCOLS: ("The socket is open; send `hello`.", None)},
        refusals=(403,),
    ),
    call_back_api.ask: Operation(
        summary="Ask to be called",
        says="The call-back that is open gives way. The wish is told in the conversation, which "
        "stands in the queue with it. Asked for again just so, it changes nothing.",
        answers={
            HTTPStatus.CREATED: ("It is planned.", call_back_api.PlannedCallBack),
            HTTPStatus.OK: ("It was planned just so already.", call_back_api.PlannedCallBack),
        },
        refusals=(*_ENTERED, 413, 422, 503),
        body=call_back_api.NewCallBack,
        changes=True,
    ),
    call_back_api.show: Operation(
        summary="The call that is planned",
        says="404 when none is.",
        answers={HTTPStatus.OK: ("It is planned.", call_back_api.PlannedCallBack)},
        refusals=(*_ENTERED, 503),
    ),
    call_back_api.cancel: Operation(
        summary="Cancel the call",
        says="The same answer when none was planned.",
        answers={HTTPStatus.NO_CONTENT: ("No call is planned now.", None)},
        refusals=(*_ENTERED, 503),
        changes=True,
    ),
    document: Operation(
        summary="This document",
        says="What is not built is not in it.",
        answers={HTTPStatus.OK: ("OpenAPI 3.1.", dict)},
        refusals=(),
        enters=False,
    ),
}

_WEBSOCKET = {
    "frames": "Text frames, each one JSON object with `type`. At most 65,536 bytes.",
    "client": "hello first, within 10 s: the token (left out by a page with its cookie and an "
    "allowed Origin) and the cursor. Then say, writing, ping.",
    "server": "welcome, then every message above the cursor, then each new one: message. "
    "kept answers a say once it is on disk; refused says why it is not. writing, pong.",
    "clientFrame": {"$ref": _SCHEMAS.format(name="ClientFrame")},
    "serverFrame": {"$ref": _SCHEMAS.format(name="ServerFrame")},
    "refusals": "too_long, empty, bad_client_id, different_text, not_kept (send it again), "
    "unknown_conversation, bad_frame, not_text, hello_twice.",
    "close": {
        "1001": "The service restarts. Come back at once; nothing is lost.",
        "1009": "The frame was over 65,536 bytes.",
        "1013": "The reader was too slow. Come back with the cursor.",
        "4401": "No hello in time, or a token that is not good for this conversation.",
    },
}


def describe(routed: Iterable[BaseRoute], *, session_cookie: str) -> Document:
    """The document of these routes. A route that :data:`OPERATIONS` does not know is a KeyError."""
    routed = list(routed)
    calls = any(route in call_back_api.routes for route in routed)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "API for a child's app",
            "version": VERSION,
            "description": "What docs/protocol.md tells in words.",
        },
        "servers": [{"url": BASE}],
        "paths": _paths(routed),
        "components": {
            "schemas": _schemas(_CALL_STRUCTS if calls else ()),
            "securitySchemes": _security_schemes(session_cookie),
        },
    }


@lru_cache
def _encoded(session_cookie: str, *, has_phones: bool) -> bytes:
    routed = [*api.routes, *stream.routes, *routes, *(call_back_api.routes if has_phones else ())]
    described = describe(routed, session_cookie=session_cookie)
    return msgspec.json.encode(described)


def _paths(routed: Iterable[BaseRoute]) -> Document:
    paths: Document = {}
    for route in routed:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                item = paths.setdefault(route.path, {})
                item[method.lower()] = _operation(route.endpoint, route.path)
        elif isinstance(route, WebSocketRoute):
            # OpenAPI has no sockets: the GET that asks for the upgrade stands for it.
            described = _operation(route.endpoint, route.path) | {"x-websocket": _WEBSOCKET}
            paths.setdefault(route.path, {})["get"] = described
    return paths


def _operation(endpoint: Callable[..., Any], path: str) -> Document:
    known = OPERATIONS[endpoint]
    parameters = [*known.query, *known.header]
    if "{conversation}" in path:
        schema = {"type": "string", "format": "uuid"}
        parameters.insert(
            0, {"name": "conversation", "in": "path", "required": True, "schema": schema}
        )
    described: Document = {
        "operationId": getattr(endpoint, "__name__", ""),
        "summary": known.summary,
        "description": known.says,
        "responses": _responses(known),
        "security": _security(known),
    }
    if parameters:
        described["parameters"] = parameters
    if known.body is not None:
        described["requestBody"] = {
            "required": known.body_is_needed,
            "content": {"application/json": {"schema": _reference(known.body)}},
        }
    return described


def _responses(known: Operation) -> Document:
    responses = {
        str(status.value): _answer(says, body) for status, (says, body) in known.answers.items()
    }
    refused = {
        str(code): {"description": REFUSALS[code], "content": _PROBLEM} for code in known.refusals
    }
    default = {"description": "Any other refusal, such as 405.", "content": _PROBLEM}
    return {**responses, **refused, "default": default}


def _answer(says: str, body: Any) -> Document:
    if body is None:
        return {"description": says}
    if body is dict:
        return {
            "description": says,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    if body is ShownMessage:
        # One event's data; the stream itself has no schema in OpenAPI 3.1.
        stream_of = {"schema": {"type": "string"}, "x-event-data": _reference(body)}
        return {"description": says, "content": {"text/event-stream": stream_of}}
    return {"description": says, "content": {"application/json": {"schema": _reference(body)}}}


def _security(known: Operation) -> list[dict[str, list[str]]]:
    if not known.enters:
        return []
    page: dict[str, list[str]] = {"cookie": [], "csrf": []} if known.changes else {"cookie": []}
    return [{"bearer": []}, page]


def _security_schemes(session_cookie: str) -> Document:
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of the conversation. Never in an address.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": session_cookie,
            "description": "The page's session, from the page's own Origin only.",
        },
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
    }


def _reference(struct: Any) -> Document:
    return {"$ref": _SCHEMAS.format(name=struct.__name__)}


_CALL_STRUCTS = (call_back_api.NewCallBack, call_back_api.PlannedCallBack)


def _schemas(more: tuple[Any, ...]) -> Document:
    structs = (
        *more,
        api.NewConversation,
        api.BegunConversation,
        api.NewMessage,
        api.KeptMessage,
        api.Messages,
        ShownMessage,
        Problem,
    )
    _, schemas = msgspec.json.schema_components(structs, ref_template=_SCHEMAS)
    (client, server), sockets = msgspec.json.schema_components(
        (frames.Incoming, frames.Outgoing), ref_template=_SCHEMAS
    )
    schemas |= {"ClientFrame": client, "ServerFrame": server, **sockets}
    for (struct, field), limits in _LIMITS.items():
        if struct not in schemas:
            continue
        properties = schemas[struct]["properties"]
        properties[field] = properties[field] | limits
    return schemas
