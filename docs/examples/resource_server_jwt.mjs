// A resource server that verifies JWT access tokens by itself (RFC 9068). Node >= 20, nothing to install.
import { createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'

const { GRANTOR_ISSUER, AUDIENCE, PORT = '3000' } = process.env
const REFETCH_SECONDS = 60 // at most one look at the key set in this time, however many unknown names come
let [keys, fetched] = [new Map(), -Infinity] // kid -> public key

/** The key of this name: from the set we have, or from a fresh one if it is new. */
async function keyNamed(kid) {
  if (!keys.has(kid) && performance.now() / 1000 - fetched > REFETCH_SECONDS) {
    const response = await fetch(`${GRANTOR_ISSUER}/oauth/jwks.json`, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`the key set answered ${response.status}`) // 503 below: never let anybody in
    const set = await response.json()
    keys = new Map(set.keys.filter((key) => key.kty === 'EC' && key.crv === 'P-256').map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]))
    fetched = performance.now() / 1000
  }
  return keys.get(kid)
}

/** The claims of a good token for us; nothing for any other. Every check is needed. */
async function verified(token) {
  const parts = token.split('.')
  if (token.length > 8192 || parts.length !== 3) return
  let header, claims
  try {
    [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')))
  } catch {
    return
  }
  // One algorithm, chosen here and not by the token; one type, so that no ID token passes; nothing critical we do not know.
  if (header?.alg !== 'ES256' || header.typ?.toLowerCase() !== 'at+jwt' || 'crit' in header) return
  const key = await keyNamed(header.kid)
  if (!key) return
  const signature = Buffer.from(parts[2], 'base64url')
  if (!verify('sha256', `${parts[0]}.${parts[1]}`, { key, dsaEncoding: 'ieee-p1363' }, signature)) return
  const forUs = [claims.aud].flat().includes(AUDIENCE)
  return claims.iss === GRANTOR_ISSUER && forUs && claims.exp > Date.now() / 1000 ? claims : undefined
}

createServer(async (request, response) => {
  const say = (status, body, challenge) => {
    response.writeHead(status, { 'content-type': 'application/json', ...(challenge && { 'www-authenticate': `Bearer ${challenge}` }) })
    response.end(JSON.stringify(body))
  }
  const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!token) return say(401, { error: 'no token' }, 'realm="reports"')
  try {
    const claims = await verified(token)
    if (!claims) return say(401, { error: 'invalid_token' }, 'error="invalid_token"')
    const needed = request.method === 'GET' ? 'project:read' : 'project:write'
    if (!(claims.scope ?? '').split(' ').includes(needed)) return say(403, { error: 'insufficient_scope' }, `error="insufficient_scope", scope="${needed}"`)
    say(200, { projects: ['apollo'], for: claims.sub, organization: claims.organization ?? null })
  } catch (error) {
    say(503, { error: error.message })
  }
}).listen(Number(PORT), '127.0.0.1', function () {
  console.log(`listening on http://127.0.0.1:${this.address().port}`)
})
