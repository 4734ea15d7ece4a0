"""What a person or a script gets when `sessions.required` or `forms.read` turns them away."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ExceptionHandler

from helpline.accounts import destinations, errors, rendering, sessions

_STATUS: Mapping[type[errors.SignInError], HTTPStatus] = {
    errors.NotSignedInError: HTTPStatus.UNAUTHORIZED,
    errors.LockedError: HTTPStatus.LOCKED,
    errors.NotAllowedError: HTTPStatus.FORBIDDEN,
    errors.ForgedFormError: HTTPStatus.FORBIDDEN,
    errors.UnreadableFormError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.FormTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


async def answer(request: Request, error: Exception) -> Response:
    """A problem document for a script; for a person the step that is missing, or why not."""
    kind = type(error)
    if not issubclass(kind, errors.SignInError):
        raise error
    status = _STATUS[kind]
    if rendering.wants_json(request):
        return rendering.problem(status, kind.__doc__ or "")
    if kind is errors.NotSignedInError:
        return _to(destinations.SIGN_IN, request)
    if kind is errors.LockedError:
        if request.method == "GET":
            return _to(destinations.LOCKED, request)
        # Not a redirect: with Back, the browser still has what was typed into the form.
        held = await sessions.held(request)
        csrf = held.csrf if held else None
        return rendering.page("locked.html", status=status, csrf=csrf, next="", interrupted=True)
    return rendering.page("turned_away.html", status=status, why=kind.__doc__)


def _to(step: str, request: Request) -> Response:
    wanted = request.url.path if request.method == "GET" else None
    return RedirectResponse(
        destinations.by_way_of(step, wanted), HTTPStatus.SEE_OTHER, rendering.NO_STORE
    )


#: For ``Starlette(exception_handlers=...)`` of the staff's face.
HANDLERS: Mapping[type[Exception], ExceptionHandler] = dict.fromkeys(_STATUS, answer)
