"""Asks Twilio's PyPI package to sign requests, and to judge signatures.

Each line of standard input is one question in JSON, and each line of the output its
answer: {"token", "url", "form", "body"} is signed, and with a "signature" it is judged.
"form" holds pairs of names and values; "body" is the text of any other body, or null.
"""

import json
import sys

from twilio.request_validator import RequestValidator


class Form(dict):
    """As a web framework does: a repeated name has a list of values."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


def sign(validator, question):
    url, body = question["url"], question["body"]
    if body is not None:
        separator = "&" if "?" in url else "?"
        url += f"{separator}bodySHA256={validator.compute_hash(body)}"
    signature = validator.compute_signature(url, Form(question["form"]))
    return {"url": url, "signature": signature}


def judge(validator, question):
    body = question["body"]
    parameters = Form(question["form"]) if body is None else body
    return validator.validate(question["url"], parameters, question["signature"])


for line in sys.stdin.buffer:
    question = json.loads(line)
    validator = RequestValidator(question["token"])
    answer = judge if "signature" in question else sign
    print(json.dumps(answer(validator, question)))
