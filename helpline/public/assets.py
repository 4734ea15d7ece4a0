"""The scripts of the child's pages, from memory, under the names they have on disk.

Nothing else of the folder is served: the style stands inside the page.
"""

import gzip
from functools import cache
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

SCRIPTS = frozenset({"leave.js", "page.js", "chat.js", "line.js"})


async def file(request: Request) -> Response:
    """One script, packed when the browser can unpack it. Never cached: see headers.Harden."""
    name = request.path_params["name"]
    if name not in SCRIPTS:
        raise HTTPException(404)
    raw, packed = _bytes(name)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(packed, media_type="text/javascript", headers=headers)
    return Response(raw, media_type="text/javascript", headers={"Vary": "Accept-Encoding"})


@cache
def _bytes(name: str) -> tuple[bytes, bytes]:
    raw = resources.files("helpline").joinpath("static", "child", name).read_bytes()
    return raw, gzip.compress(raw, mtime=0)
