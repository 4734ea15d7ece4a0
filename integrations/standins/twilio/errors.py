"""Twilio's refusals: an HTTP status, a code of its own, and words."""

from typing import Any

from integrations.standins.twilio import words


class ApiError(Exception):
    """Twilio refuses the request."""

    def __init__(self, *, status: int, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """Return the JSON that Twilio answers with."""
        message = words.error(self.code)
        return {
            "code": self.code,
            "message": f"{message}: {self.detail}" if self.detail else message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found() -> ApiError:
    """Return the answer for what is not there, or not this account's."""
    return ApiError(status=404, code=20404)
