"""What every answer of the child's face carries: nothing is stored, nothing else is loaded."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpline.public import rendering
from helpline.settings import Settings

# The inner view of the messages, the one page that may stand in a frame: in our own page.
INNER = "/m"


class Harden:
    """Middleware that adds the headers. Mount it outermost, so that error pages have them too.

    A page's style is allowed by its hash. ``no-store`` on everything: with JavaScript the
    scripts load once a visit, without it never, so a cache would save nothing and leave a trace.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._common = _common(settings)
        self._policy = _policy(settings, framed=False)
        self._framed_policy = _policy(settings, framed=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = self._framed_policy if scope["path"] == INNER else self._policy

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._common.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = policy
            await send(message)

        await self.app(scope, receive, send_hardened)


def harden(app: ASGIApp, *, settings: Settings) -> Harden:
    """The same app with every header on every answer."""
    return Harden(app, settings=settings)


def _common(settings: Settings) -> dict[str, str]:
    common = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": (
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
        ),
    }
    if settings.child_origin.startswith("https:"):
        common["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return common


def _policy(settings: Settings, *, framed: bool) -> str:
    # Older Safari does not count a socket of the same host as 'self'.
    socket = settings.child_origin.replace("http", "ws", 1)
    leave = urlsplit(settings.leave_to)
    # Leaving without JavaScript is a form whose answer leads away, and that counts as its action.
    away = f" {leave.scheme}://{leave.netloc}" if leave.netloc else ""
    hashes = " ".join(f"'{digest}'" for digest in rendering.style_hashes())
    return "; ".join((
        "default-src 'none'",
        "script-src 'self'",
        f"style-src {hashes}",
        "img-src 'self' data:",
        f"connect-src 'self' {socket}",
        f"form-action 'self'{away}",
        "frame-src 'self'",
        f"frame-ancestors '{'self' if framed else 'none'}'",
        "base-uri 'none'",
    ))  # fmt: skip
