"""Human tasks: what software could not do, with the raw words it kept."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chat import calling
from helpline import access
from helpline.console import asking, deeds, refusals, rendering, spoken
from helpline.console.asking import Asked
from helpline.todo import tasks
from helpline.todo.models import Why

BACK = "/console/tasks"

WHAT_IT_MEANS = {
    Why.MESSAGE_NOT_PROCESSED: (
        "A message came in and could not be put into its chat. Its words are kept here. "
        "Read them now and decide who answers."
    ),
    Why.JOB_GAVE_UP: (
        "Something that the software should have done failed every time. "
        "Tell whoever looks after this installation, with the reference."
    ),
    Why.PHONE_STOPPED: (
        "Somebody texted STOP from this phone, so nothing can be sent to it. It may not have been "
        "the child. It ends no advocacy and no concern. Think about safety, and use another way."
    ),
    Why.PHONE_RECHECK: (
        "A phone wrote again after a pause, a no or a STOP. Nothing is sent to it. Think about who "
        "may hold it now. When it is safe to text, mark it so in the chat."
    ),
    Why.PICTURE_SENT: (
        "A picture came by text. It was not opened and not kept, and the child was told so. "
        "Ask what it showed."
    ),
    Why.CANNOT_TEXT: (
        "The telephone company says that this phone takes no texts from us. "
        "Reach the child in another way."
    ),
    Why.TEXT_NOT_SENT: "A text to this child did not leave. Read why, and decide what is safe.",
    Why.TEXT_NOT_DELIVERED: (
        "A text to this child did not arrive, or nobody knows whether it did. The phone may be "
        "off, or taken away. If the chat says Delivered beside it, we were told so later."
    ),
    Why.CALL_WANTED: (
        "A child asked by text to be called. Agree on a safe time and on what to say if somebody "
        "else answers, and write the call-back down."
    ),
    Why.CALL_BACK_MISSED: f"No call reached this child. {calling.load().fallback}",
    Why.CALL_BACK_CLOSED: (
        "The time in which this child could safely be called went by, and nobody was spoken to. "
        "Agree on another time, or call with a written reason."
    ),
    Why.PATTERN: (
        "Something stands out across several children at one institution. "
        "A supervisor looks at it under Patterns, decides, and closes it there with a note."
    ),
    Why.PAGE_NOT_SENT: (
        "Somebody on call could not be paged by phone. They were paged on the console and by mail. "
        "Telephone them if nobody has taken the alarm."
    ),
    Why.PAGE_REFUSED: (
        "The phone of somebody on call takes no pages: they texted STOP to our number, or the "
        "number is wrong. Tell them to text START to it, or to set another under My phone. "
        "Until then only the console and mail reach them."
    ),
    Why.CHECK_IN_MISSED: (
        "Somebody on the rota has not checked in for their shift. Telephone them. Without an "
        "answer, find somebody else and change the rota. Until then they are paged all the same."
    ),
}

# What these are about is a member of staff, whom the page names.
ABOUT_STAFF = frozenset({Why.PAGE_NOT_SENT, Why.PAGE_REFUSED, Why.CHECK_IN_MISSED})
# What these are about is a conversation, which the page then leads to.
ABOUT_CONVERSATIONS = frozenset(Why) - {Why.JOB_GAVE_UP, Why.PATTERN} - ABOUT_STAFF


async def tasks_page(request: Request) -> Response:
    """What waits for a person, the oldest first; for one reason alone when `why` names it."""
    asked = await asking.asked(request)
    wanted = request.query_params.get("why", "")
    return await run_in_threadpool(_list, asked, Why(wanted) if wanted in set(Why) else None)


async def task_page(request: Request) -> Response:
    """One task with the words it kept. Opening it is recorded."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_one, asked, _subject(request))


async def done(request: Request) -> Response:
    """Take a task off the list."""
    asked = await asking.posted(request)
    deed = partial(deeds.finish_task, asked.adapters, person=asked.person, task=_subject(request))
    return await asking.answer(request, asked, deed, back=BACK)


def _list(asked: Asked, why: Why | None) -> Response:
    with asked.adapters.transactions.reading() as session:
        found = tasks.list_open(session, why=why)
    return rendering.page(
        asked.adapters,
        "tasks.html",
        person=asked.person,
        here="tasks",
        tasks=found,
        only=why,
        reference=spoken.reference,
        meaning=WHAT_IT_MEANS,
        leads=ABOUT_CONVERSATIONS,
        about_staff=ABOUT_STAFF,
        name_of=asked.adapters.names.of,
    )


def _one(asked: Asked, task: UUID) -> Response:
    adapters = asked.adapters
    try:
        with adapters.transactions.begin() as session:
            opened = access.task_for_staff(
                session, adapters, staff=asked.person, task=task, now=adapters.clock()
            )
    except tasks.TaskNotFoundError as problem:
        why = refusals.words(problem, adapters.names.of)
        return rendering.page(
            adapters,
            "refused.html",
            person=asked.person,
            status=HTTPStatus.NOT_FOUND,
            why=why,
            back=BACK,
        )
    return rendering.page(
        adapters,
        "task.html",
        person=asked.person,
        here="tasks",
        task=opened.task,
        words=opened.words,
        reference=spoken.reference,
        meaning=WHAT_IT_MEANS,
        leads=ABOUT_CONVERSATIONS,
        about_staff=ABOUT_STAFF,
        name_of=adapters.names.of,
    )


def _subject(request: Request) -> UUID:
    subject: UUID = request.path_params["task"]
    return subject


routes: list[BaseRoute] = [
    Route("/console/tasks", tasks_page),
    Route("/console/tasks/{task:uuid}", task_page),
    Route("/console/tasks/{task:uuid}/done", done, methods=["POST"]),
]
