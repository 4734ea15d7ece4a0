"""Refusals in words, as RFC 9457 problem documents."""

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chat import errors as chat
from helpline import intake


class Problem(msgspec.Struct, omit_defaults=True):
    """A problem document. ``type`` is a name of ours, not an address that anybody can open."""

    type: str
    title: str
    status: int
    detail: str


class ApiError(Exception):
    """A call that is refused. Becomes a problem document."""

    def __init__(self, status: HTTPStatus, name: str, detail: str) -> None:
        super().__init__()
        self.problem = Problem(f"urn:problem:{name}", status.phrase, status.value, detail)


class NotAuthorisedError(ApiError):
    """The call has no token, or one that is not good any more."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.UNAUTHORIZED,
            "not-authorised",
            "Send the bearer token of this conversation. Begin a new one if it was lost.",
        )


class NotFoundError(ApiError):
    """There is no such thing, or it is not open to this token: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here.")


# What each refusal of a message means over HTTP.
_REFUSALS: dict[type[Exception], ApiError] = {
    chat.TooLongError: ApiError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-long",
        "A message has at most 10,000 characters. It was not kept: send it in parts.",
    ),
    chat.EmptyTextError: ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "empty", "There are no words in this message."
    ),
    chat.BadClientIdError: ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad-client-id",
        "A client_id has 1 to 64 letters, digits, dashes or underscores.",
    ),
    chat.DifferentTextError: ApiError(
        HTTPStatus.CONFLICT,
        "different-text",
        "This client_id was already used for other words. Take a new one.",
    ),
    chat.UnknownConversationError: NotFoundError(),
    intake.NotKeptError: ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not-kept",
        "The message was not kept. Send it again, with the same client_id.",
    ),
}


def refusal(problem: Exception) -> ApiError:
    """What a refused message is called over HTTP."""
    return _REFUSALS[type(problem)]


REFUSED_MESSAGES = tuple(_REFUSALS)


def answer(problem: Problem) -> Response:
    """The response that carries a problem document."""
    headers = {"Cache-Control": "no-store"}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "2"
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(problem),
        problem.status,
        headers,
        media_type="application/problem+json",
    )


async def on_api_error(request: Request, error: Exception) -> Response:
    """Starlette's handler of :class:`ApiError`."""
    del request
    if not isinstance(error, ApiError):
        raise error
    return answer(error.problem)
