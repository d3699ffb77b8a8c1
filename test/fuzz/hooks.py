"""What schemathesis must know to get past the door: who signs, who is signed in, and what there is to ask about."""

import base64
import hashlib
import hmac
import json
import os
import time
from itertools import count

import requests
import schemathesis

PARTNER = os.environ["FUZZ_PARTNER"]
SECRET = base64.b64decode(os.environ["FUZZ_SECRET"].removeprefix("whsec_"))
TOKENS = {"/internal/": os.environ["FUZZ_INTERNAL_TOKEN"], "/v1/": os.environ["FUZZ_ACCESS_TOKEN"]}
KNOWN = json.loads(os.environ["FUZZ_KNOWN"])
calls = count()


class StandardWebhook(requests.auth.AuthBase):
    """Signs the bytes that are really sent, since what is not signed is refused before anybody looks at it."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        webhook_id = request.headers.get("webhook-id", "")
        webhook_id = webhook_id.encode("latin-1", "replace") if isinstance(webhook_id, str) else webhook_id
        timestamp = str(int(time.time()))
        signed = b".".join([webhook_id, timestamp.encode(), body])
        digest = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        request.headers["webhook-timestamp"] = timestamp
        request.headers["webhook-signature"] = f"v1,{digest}"
        return request


schemathesis.auth.set_from_requests(StandardWebhook()).apply_to(path_regex="^/v1/partners/")


def with_known(value, known):
    """The same data with what exists in the place of what was made up."""
    if isinstance(value, list):
        return [with_known(part, known) for part in value]
    if isinstance(value, dict):
        return {name: known[name] if name in known and isinstance(part, str) else with_known(part, known) for name, part in value.items()}
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every second call is about something that exists: what nobody has ends at 404, and tells nothing of what lies behind."""
    path = case.operation.path
    for prefix, token in TOKENS.items():
        if path.startswith(prefix) and not path.startswith("/v1/partners/"):
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {token}"
    if path.startswith("/v1/partners/"):
        case.path_parameters["partnerId"] = PARTNER
    turn = next(calls)
    if turn % 2 == 0:
        known = KNOWN[turn // 2 % len(KNOWN)]
        if case.path_parameters:
            case.path_parameters = with_known(dict(case.path_parameters), known)
        if isinstance(case.body, dict):
            case.body = with_known(case.body, known)
