"""Texts and calls as the API's JSON tells them."""

from typing import Any

from integrations.standins.twilio import account, dates, parts, words
from integrations.standins.twilio.calls import Call
from integrations.standins.twilio.texts import Text

API_VERSION = "2010-04-01"


def text_json(text: Text, *, of: account.Account) -> dict[str, Any]:
    """Return a Message resource."""
    uri = f"{of.path}/Messages/{text.sid}"
    return {
        "account_sid": of.sid,
        "api_version": API_VERSION,
        "body": text.body,
        "date_created": dates.rfc2822(text.created),
        "date_sent": dates.rfc2822(text.sent),
        "date_updated": dates.rfc2822(text.updated),
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": words.error(text.error_code) if text.error_code else None,
        "from": text.sender,
        "messaging_service_sid": None,
        "num_media": str(text.pictures),
        "num_segments": str(parts.count(text.shown)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.recipient,
        "uri": f"{uri}.json",
    }


def call_json(call: Call, *, of: account.Account) -> dict[str, Any]:
    """Return a Call resource."""
    uri = f"{of.path}/Calls/{call.sid}"
    return {
        "account_sid": of.sid,
        "answered_by": None,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": dates.rfc2822(call.created),
        "date_updated": dates.rfc2822(call.updated),
        "direction": call.direction,
        "duration": None if call.seconds is None else str(call.seconds),
        "end_time": dates.rfc2822(call.ended),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": call.parent,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": dates.rfc2822(call.started),
        "status": call.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "to": call.recipient,
        "to_formatted": call.recipient,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }
