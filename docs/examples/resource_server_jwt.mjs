// A resource server that verifies JWT access tokens by itself (RFC 9068). Node >= 20, nothing to install.
import { createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'

const { GRANTOR_ISSUER, AUDIENCE, PORT = '3000', LOOK_SECONDS = '60' } = process.env
// The key set is read again when a new key's name comes, and when it is older than it may be or than five minutes: a key
// that somebody stole is withdrawn by leaving the set. At most one look in LOOK_SECONDS, however many tokens ask for it.
const KEPT_SECONDS = 300
const seconds = () => performance.now() / 1000
const set = { keys: new Map(), stale: -Infinity, ends: -Infinity, problem: undefined } // keys: kid -> public key
let [looked, looking] = [-Infinity, undefined]

async function look() {
  try {
    const response = await fetch(`${GRANTOR_ISSUER}/oauth/jwks.json`, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`the key set answered ${response.status}`)
    const usable = (await response.json()).keys.filter((key) => key.kty === 'EC' && key.crv === 'P-256')
    const keys = new Map(usable.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]))
    const age = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1] ?? KEPT_SECONDS)
    const now = seconds()
    Object.assign(set, { keys, stale: now + Math.min(age, KEPT_SECONDS), ends: now + Math.max(age, KEPT_SECONDS), problem: undefined })
  } catch (error) {
    set.problem = error
  }
}

/** The key of this name, in a set that is young enough. */
async function keyNamed(kid) {
  if (!set.keys.has(kid) || seconds() >= set.stale) {
    if (seconds() - looked >= Number(LOOK_SECONDS)) {
      looked = seconds() // before the look, so that whoever comes meanwhile waits for it and makes none
      looking = look()
    }
    await looking
  }
  const key = set.keys.get(kid)
  // 503 below: who cannot ask lets nobody new in, and nobody at all once the set is too old.
  if (seconds() >= set.ends || (!key && set.problem)) throw set.problem ?? new Error('the key set is too old')
  return key
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
