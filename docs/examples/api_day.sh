#!/usr/bin/env bash
# A day's work with grantor's API, with curl and jq:
#   export GRANTOR_ISSUER=http://127.0.0.1:8080 GRANTOR_TOKEN=gpt_..   # account:write, org:admin, team:write
set -euo pipefail

# The token travels in a file of curl's options, not in an argument, which every process of the machine can read.
options=$(mktemp) && trap 'rm -f "$options"' EXIT
printf 'header = "Authorization: Bearer %s"\n' "$GRANTOR_TOKEN" >"$options"

# api METHOD PATH [BODY]: the answer's body; a problem is told and ends the script.
api() {
    local answer status
    answer=$(curl --silent --show-error --max-time 10 --config "$options" --request "$1" --write-out '\n%{http_code}' \
        ${3:+--header 'Content-Type: application/json' --data "$3"} "$GRANTOR_ISSUER/api/v1$2")
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    if [ "$status" -ge 400 ]; then
        echo "$1 $2: $status $(jq --raw-output '.code + ": " + .detail' <<<"$answer")" >&2
        return 1
    fi
    printf '%s' "$answer"
}

echo "I am $(api GET /me | jq --raw-output .user.login)"

made=$(api POST /applications '{"name": "Reports by curl", "redirect_uris": ["https://reports.example/callback"]}')
client_id=$(jq --raw-output .client_id <<<"$made")
echo "registered $client_id; its secret begins with $(jq --raw-output '.client_secret[:4]' <<<"$made")"

api PATCH "/applications/$client_id" '{"homepage_url": "https://reports.example/"}' | jq --compact-output '{name, homepage_url}'
api GET "/applications/$client_id/statistics" | jq --compact-output .
api GET '/applications?limit=100' | jq --raw-output '.[] | .name + " (" + .status + ")"'

token=$(api POST /personal-tokens '{"name": "from a shell", "scopes": ["account:read"]}')
api DELETE "/personal-tokens/$(jq --raw-output .id <<<"$token")"

# An organization, and a key of its own that may read teams.
organization=reports-$RANDOM$RANDOM
api POST /organizations "{\"name\": \"Reports by curl Ltd\", \"slug\": \"$organization\"}" | jq --compact-output '{slug, name}'
api POST "/organizations/$organization/teams" '{"name": "Night shift"}' | jq --compact-output '{slug, name}'
key=$(api POST "/organizations/$organization/api-keys" '{"label": "nightly", "scopes": ["team:read"]}')
printf 'user = "%s:"\n' "$(jq --raw-output .key <<<"$key")" |
    curl --silent --fail --config - "$GRANTOR_ISSUER/api/v1/organizations/$organization/teams" | jq --raw-output '.[].name'
api DELETE "/organizations/$organization/api-keys/$(jq --raw-output .id <<<"$key")"
api DELETE "/organizations/$organization?confirm=$organization"

# What goes wrong says why.
if api DELETE /applications/nobodys 2>/dev/null; then exit 1; fi

api DELETE "/applications/$client_id"
echo done
