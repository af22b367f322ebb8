"""A day's work with grantor's API. Needs `pip install requests`, and:

    export GRANTOR_ISSUER=http://127.0.0.1:8080 GRANTOR_TOKEN=gpt_..   # account:write, org:admin, team:write
"""

import os
import sys
import time
import uuid

import requests

API = os.environ["GRANTOR_ISSUER"] + "/api/v1"
grantor = requests.Session()
grantor.headers["Authorization"] = f"Bearer {os.environ['GRANTOR_TOKEN']}"


def call(method, path, *, expect=200, retries=3, **options):
    """One request. A problem (RFC 9457) says in `detail` what to do; 429 and 503 say when to come again."""
    answer = grantor.request(method, path if path.startswith("http") else API + path, timeout=10, **options)
    if answer.status_code in (429, 503) and retries:
        time.sleep(int(answer.headers.get("Retry-After", "1")))
        return call(method, path, expect=expect, retries=retries - 1, **options)
    if answer.status_code != expect:
        problem = answer.json()
        sys.exit(f"{method} {path}: {answer.status_code} {problem['code']}: {problem['detail']}")
    return answer


def every(path):
    """All entries of a list: each page names the next one in its Link header (RFC 8288)."""
    while path:
        answer = call("GET", path)
        yield from answer.json()
        path = answer.links.get("next", {}).get("url")


# Who am I, and what may this token do?
me = call("GET", "/me").json()
print(f"{me['user']['login']} with {' '.join(me['scopes'])}")

# An application of my own. The key makes a retry after a lost answer safe: it hears the same answer, secret included.
once = {"Idempotency-Key": str(uuid.uuid4())}
new = {"name": "Reports by script", "redirect_uris": ["https://reports.example/callback"], "scopes": ["project:read"]}
made = call("POST", "/applications", json=new, headers=once, expect=201).json()
again = call("POST", "/applications", json=new, headers=once, expect=201).json()
assert made == again and made["client_secret"].startswith("gcs_")
application = f"/applications/{made['client_id']}"
print(f"registered {made['name']}: {made['client_id']}")

# Change it, but only if nobody else did since I read it.
seen = call("GET", application)
call("PATCH", application, json={"homepage_url": "https://reports.example/"}, headers={"If-Match": seen.headers["ETag"]})
call("PATCH", application, json={"name": "Too late"}, headers={"If-Match": seen.headers["ETag"]}, expect=412)

# A new secret; the old one goes on working for a while, so that nothing breaks in between.
rotated = call("POST", application + "/rotate-secret", json={}, expect=201).json()
assert rotated["client_secret"] != made["client_secret"]

# How is it doing, and why do its requests fail?
print("statistics:", call("GET", application + "/statistics").json())
for refusal in every(application + "/refusals"):
    print("refused:", refusal)

# A weaker token for a machine, for a day; its value is told once.
machine = {"name": "nightly build", "scopes": ["account:read"], "expires_at": int(time.time()) + 86400}
token = call("POST", "/personal-tokens", json=machine, expect=201).json()
as_machine = {"Authorization": f"Bearer {token['token']}"}
assert call("GET", "/me", headers=as_machine).json()["scopes"] == ["account:read"]
call("DELETE", application, headers=as_machine, expect=403)
call("DELETE", f"/personal-tokens/{token['id']}", expect=204)
call("GET", "/me", headers=as_machine, expect=401)

# What do applications have of me, and where am I signed in?
for authorization in every("/authorizations?limit=1"):
    print(f"{authorization['application']['name']}: {'; '.join(authorization['scope_texts'])}")
print(f"{len(list(every('/sessions')))} sessions, {len(list(every('/personal-tokens')))} personal tokens")

# An organization with a team, and a key for its nightly job: nobody's account, less than I may, and gone when I say so.
slug = f"reports-{uuid.uuid4().hex[:8]}"
call("POST", "/organizations", json={"name": "Reports Ltd", "slug": slug}, expect=201)
organization = f"/organizations/{slug}"
call("POST", organization + "/teams", json={"name": "Night shift"}, expect=201)
key = call("POST", organization + "/api-keys", json={"label": "nightly", "scopes": ["team:read"]}, expect=201).json()
job = requests.Session()
job.auth = (key["key"], "")
teams = job.get(API + organization + "/teams", timeout=10)
assert [team["slug"] for team in teams.json()] == ["night-shift"]
assert job.get(API + organization + "/members", timeout=10).json()["code"] == "insufficient-scope"
call("DELETE", f"{organization}/api-keys/{key['id']}", expect=204)
assert job.get(API + organization + "/teams", timeout=10).status_code == 401
for event in every(organization + "/audit-log?limit=2"):
    print("recorded:", event["event"])
call("DELETE", f"{organization}?confirm={slug}", expect=204)

# Away with it: delayed, so that it can be taken back.
call("DELETE", application, expect=204)
call("POST", application + "/restore")
call("DELETE", application, expect=204)
print("done")
