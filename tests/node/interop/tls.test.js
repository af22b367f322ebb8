// Servers as they are deployed: TLS of their own, or a proxy's; alone at an address, or below a path of it.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import * as oauth from 'openid-client'
import { openidParty, signInFor } from '../support/relying_party.js'
import { getTls, startBehindProxy, startTls, trusting } from '../support/tls.js'
import { Visitor } from '../support/visitor.js'

test('a server with certificate and key speaks TLS and says so', async (t) => {
  const server = await startTls()
  t.after(() => server.stop())
  const metadata = await getTls(`${server.issuer}/.well-known/oauth-authorization-server`, server.ca)
  assert.equal(metadata.status, 200)
  assert.match(metadata.protocol, /^TLSv1\.[23]$/)
  assert.equal(JSON.parse(metadata.body).issuer, server.issuer)

  const page = await getTls(`${server.issuer}/login`, server.ca)
  assert.match(page.headers['strict-transport-security'], /^max-age=\d{8}/)
  assert.match(page.headers['set-cookie'].join(), /^__Host-grantor_browser=[^;]+;.*Secure/)

  // A certificate nobody vouched for stays refused, and so does plain HTTP on this port.
  await assert.rejects(getTls(`${server.issuer}/login`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const plain = new Promise((resolve) => request(server.issuer.replace('https:', 'http:')).on('response', ({ statusCode }) => resolve(statusCode)).on('error', () => resolve('refused')).end())
  assert.equal(await plain, 'refused')
})

for (const [how, start] of [
  ['with TLS of its own, below a path', () => startTls('/id')],
  ['behind a proxy, below a path', () => startBehindProxy('/some/id')],
]) {
  test(`a relying party signs somebody in at a server ${how}`, async (t) => {
    const server = await start()
    t.after(() => server.stop())
    const [client, user] = [await server.declareClient({ name: 'Relying party' }), await server.createUser('ada')]
    const party = await openidParty({ ...server, user }, client, { fetch: trusting(server.ca) })
    const metadata = party.config.serverMetadata()
    assert.equal(metadata.issuer, server.issuer)
    assert.equal(metadata.token_endpoint, `${server.issuer}/oauth/token`)
    const visitor = new Visitor(server.issuer, { ca: server.ca })
    const tokens = await signInFor({ ...server, user }, party, 'openid profile offline_access', { visitor, prompt: 'consent' })
    assert.equal(tokens.claims().iss, server.issuer)
    assert.equal((await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)).preferred_username, 'ada')
    assert.ok((await oauth.refreshTokenGrant(party.config, tokens.refresh_token)).id_token)
    assert.match(visitor.cookies(), /__Host-|__Secure-/)
  })
}
