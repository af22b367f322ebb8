"""A resource server that verifies JWT access tokens by itself (RFC 9068). Needs `pip install requests pyjwt[crypto]`."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import requests

ISSUER = os.environ["GRANTOR_ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
REFETCH_SECONDS = 60  # at most one look at the key set in this time, however many unknown names come
keys = {}  # kid -> public key
fetched = float("-inf")


def key_named(kid):
    """The key of this name: from the set we have, or from a fresh one if it is new."""
    global keys, fetched
    if kid not in keys and time.monotonic() - fetched > REFETCH_SECONDS:
        response = requests.get(f"{ISSUER}/oauth/jwks.json", timeout=5)
        response.raise_for_status()  # 503 below: never let anybody in
        usable = [key for key in response.json()["keys"] if key["alg"] == "ES256"]
        keys, fetched = {key["kid"]: jwt.PyJWK(key).key for key in usable}, time.monotonic()
    return keys.get(kid)


def verified(token):
    """The claims of a good token for us; None for any other. Every check is needed."""
    try:
        header = jwt.get_unverified_header(token)
        # One type, so that no ID token passes; nothing critical that we do not know.
        if len(token) > 8192 or str(header.get("typ")).lower() != "at+jwt" or "crit" in header:
            return None
        key = key_named(header.get("kid"))
        if key is None:
            return None
        # One algorithm, chosen here and not by the token.
        required = {"require": ["exp", "iss", "aud"]}
        return jwt.decode(token, key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER, options=required)
    except jwt.PyJWTError:
        return None


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
            claims = verified(token)
        except requests.RequestException as error:
            return self.say(503, {"error": type(error).__name__})
        if claims is None:
            return self.say(401, {"error": "invalid_token"}, 'error="invalid_token"')
        if needed not in claims.get("scope", "").split(" "):
            return self.say(403, {"error": "insufficient_scope"}, f'error="insufficient_scope", scope="{needed}"')
        return self.say(200, {"projects": ["apollo"], "for": claims["sub"], "organization": claims.get("organization")})

    def do_GET(self):
        self.handle_with("project:read")

    def do_POST(self):
        self.handle_with("project:write")

    def log_message(self, *_):
        """Request lines are not logged: somebody will put a token into one."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Reports)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
