"""The stand-in as one ASGI app: Twilio's API with its faults, and the control API beside it."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from integrations.standins.twilio import asked_for, calls
from integrations.standins.twilio.api import Api
from integrations.standins.twilio.calling import Calling
from integrations.standins.twilio.control_api import Control
from integrations.standins.twilio.faults import Faulty
from integrations.standins.twilio.messaging import Messaging
from integrations.standins.twilio.world import World

HOSTS = ["127.0.0.1", "localhost"]  # so that no page of another site can name us


def build(world: World) -> Starlette:
    """Return the app, within the loop that will serve it.

    Texts that an earlier end cut off go on; calls that it cut off are over.
    """
    messaging, calling = Messaging(world), Calling(world)
    calls.cut_off(world.file, now=world.now())
    messaging.resume()
    return Starlette(
        routes=[
            *Control(world, messaging, calling).routes,
            Mount("", Faulty(Api(world, messaging, calling).router, world)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        exception_handlers={asked_for.RefusedError: asked_for.refuse},
    )
