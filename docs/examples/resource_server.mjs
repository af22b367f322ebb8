// A resource server that asks grantor about every token (RFC 7662). Node >= 20, nothing to install.
import { createServer } from 'node:http'

const { GRANTOR_ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env
const CACHE_SECONDS = 10 // a revoked token works here for at most this long
const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+')
const basic = Buffer.from(`${encode(CLIENT_ID)}:${encode(CLIENT_SECRET)}`).toString('base64')
const known = new Map() // token -> { answer, until }

async function introspect(token) {
  const now = Date.now() / 1000
  const kept = known.get(token)
  if (kept && now < kept.until) return kept.answer
  const response = await fetch(`${GRANTOR_ISSUER}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
    signal: AbortSignal.timeout(5000),
  })
  if (!response.ok) throw new Error(`introspection answered ${response.status}`) // 503 below: never let anybody in
  const answer = await response.json()
  if (known.size > 10_000) known.clear()
  if (answer.active) known.set(token, { answer, until: Math.min(now + CACHE_SECONDS, answer.exp ?? Infinity) })
  else known.delete(token)
  return answer
}

createServer(async (request, response) => {
  const say = (status, body, challenge) => {
    response.writeHead(status, { 'content-type': 'application/json', ...(challenge && { 'www-authenticate': `Bearer ${challenge}` }) })
    response.end(JSON.stringify(body))
  }
  const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!token) return say(401, { error: 'no token' }, 'realm="reports"')
  try {
    const answer = await introspect(token)
    if (!answer.active) return say(401, { error: 'invalid_token' }, 'error="invalid_token"')
    const needed = request.method === 'GET' ? 'project:read' : 'project:write'
    if (!answer.scope.split(' ').includes(needed)) return say(403, { error: 'insufficient_scope' }, `error="insufficient_scope", scope="${needed}"`)
    say(200, { projects: ['apollo'], for: answer.sub, organization: answer.organization ?? null })
  } catch (error) {
    say(503, { error: error.message })
  }
}).listen(Number(PORT), '127.0.0.1', function () {
  console.log(`listening on http://127.0.0.1:${this.address().port}`)
})
