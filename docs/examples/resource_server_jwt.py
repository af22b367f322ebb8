"""A resource server that verifies JWT access tokens by itself (RFC 9068). Needs `pip install requests pyjwt[crypto]`."""

import json
import os
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import requests

ISSUER = os.environ["GRANTOR_ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
# The key set is read again when a new key's name comes, and when it is older than it may be or than five minutes: a key
# that somebody stole is withdrawn by leaving the set. At most one look in LOOK_SECONDS, however many tokens ask for it.
LOOK_SECONDS = float(os.environ.get("LOOK_SECONDS", "60"))
KEPT_SECONDS = 300
NEVER = float("-inf")


class KeySet:
    """The keys as they were read last."""

    keys = {}  # kid -> public key
    looked = stale = ends = NEVER
    problem = None
    one_look = threading.Lock()


def look():
    """Reads the key set."""
    try:
        response = requests.get(f"{ISSUER}/oauth/jwks.json", timeout=5)
        response.raise_for_status()
        usable = [key for key in response.json()["keys"] if key.get("alg") == "ES256"]
        found = re.search(r"max-age=(\d+)", response.headers.get("Cache-Control", ""))
        age, now = int(found[1]) if found else KEPT_SECONDS, time.monotonic()
        KeySet.keys, KeySet.problem = {key["kid"]: jwt.PyJWK(key).key for key in usable}, None
        KeySet.stale, KeySet.ends = now + min(age, KEPT_SECONDS), now + max(age, KEPT_SECONDS)
    except requests.RequestException as error:
        KeySet.problem = error


def key_named(kid):
    """The key of this name, in a set that is young enough."""

    def wanted():
        return kid not in KeySet.keys or time.monotonic() >= KeySet.stale

    if wanted():
        with KeySet.one_look:  # whoever comes meanwhile waits for it and makes none
            if wanted() and time.monotonic() - KeySet.looked >= LOOK_SECONDS:
                KeySet.looked = time.monotonic()
                look()
    key = KeySet.keys.get(kid)
    # 503 below: who cannot ask lets nobody new in, and nobody at all once the set is too old.
    if time.monotonic() >= KeySet.ends or (key is None and KeySet.problem):
        raise KeySet.problem or requests.RequestException("the key set is too old")
    return key


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
