"""A resource server that asks grantor about every token (RFC 7662). Needs `pip install requests`."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote_plus

import requests

ISSUER = os.environ["GRANTOR_ISSUER"]
CLIENT = (quote_plus(os.environ["CLIENT_ID"]), quote_plus(os.environ["CLIENT_SECRET"]))
CACHE_SECONDS = 10  # a revoked token works here for at most this long
known = {}  # token -> (answer, until)


def introspect(token):
    now = time.time()
    answer, until = known.get(token, (None, 0))
    if now < until:
        return answer
    response = requests.post(f"{ISSUER}/oauth/introspect", data={"token": token}, auth=CLIENT, timeout=5)
    response.raise_for_status()  # 503 below: never let anybody in
    answer = response.json()
    if len(known) > 10_000:
        known.clear()
    if answer["active"]:
        known[token] = (answer, min(now + CACHE_SECONDS, answer.get("exp", float("inf"))))
    else:
        known.pop(token, None)
    return answer


class Reports(BaseHTTPRequestHandler):
    def say(self, status, body, challenge=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if challenge:
            self.send_header("WWW-Authenticate", f"Bearer {challenge}")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def handle_with(self, needed):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return self.say(401, {"error": "no token"}, 'realm="reports"')
        try:
            answer = introspect(token)
        except requests.RequestException as error:
            return self.say(503, {"error": type(error).__name__})
        if not answer["active"]:
            return self.say(401, {"error": "invalid_token"}, 'error="invalid_token"')
        if needed not in answer["scope"].split(" "):
            return self.say(403, {"error": "insufficient_scope"}, f'error="insufficient_scope", scope="{needed}"')
        return self.say(200, {"projects": ["apollo"], "for": answer["sub"], "organization": answer.get("organization")})

    def do_GET(self):
        self.handle_with("project:read")

    def do_POST(self):
        self.handle_with("project:write")

    def log_message(self, *_):
        """Request lines are not logged: somebody will put a token into one."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Reports)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
