"""Every address of the console, for the staff's face."""

from pathlib import Path

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from helpline.console import (
    conversation_forms,
    conversation_pages,
    escalation_pages,
    live,
    on_call_pages,
    queue_pages,
    task_pages,
)

STATIC = Path(__file__).resolve().parent.parent / "static" / "staff"

routes: list[BaseRoute] = [
    *queue_pages.routes,
    *conversation_pages.routes,
    *conversation_forms.routes,
    *escalation_pages.routes,
    *task_pages.routes,
    *on_call_pages.routes,
    *live.routes,
    Mount("/static/staff", StaticFiles(directory=STATIC)),
]
