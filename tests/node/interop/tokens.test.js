// openid-client 6 refreshes, introspects and revokes, and acts for itself.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { scopesOf, startGrantor } from '../support/grantor.js'
import { refusal, relyingParty, tokensFor } from '../support/relying_party.js'

let server, web, spa, api, scope
before(async () => {
  server = await startGrantor()
  web = await relyingParty(server, 'web')
  spa = await relyingParty(server, 'spa')
  api = await relyingParty(server, 'resource-server')
  scope = scopesOf(server)
})
after(() => server?.stop())

const introspected = async (party, token) => ({ ...(await oauth.tokenIntrospection(party.config, token)) })

test('a refresh makes a new pair and keeps the scope', async () => {
  const first = await tokensFor(server, web, `${scope.first} ${scope.second}`)
  const second = await oauth.refreshTokenGrant(web.config, first.refresh_token)
  assert.notEqual(second.access_token, first.access_token)
  assert.notEqual(second.refresh_token, first.refresh_token)
  assert.deepEqual(second.scope.split(' ').sort(), [scope.first, scope.second].sort())
  assert.equal((await introspected(web, second.access_token)).active, true)
})

test('a refresh repeated at once gets the very same pair', async () => {
  const { refresh_token } = await tokensFor(server, web, scope.first)
  const answers = await Promise.all(Array.from({ length: 4 }, () => oauth.refreshTokenGrant(web.config, refresh_token)))
  const pairs = new Set(answers.map((answer) => `${answer.access_token} ${answer.refresh_token}`))
  assert.equal(pairs.size, 1)
})

test('a public client refreshes too', async () => {
  const tokens = await tokensFor(server, spa, scope.first)
  assert.equal((await oauth.refreshTokenGrant(spa.config, tokens.refresh_token)).scope, scope.first)
})

// A50.
test('a refresh may narrow the access token, never widen it, and the family keeps its scope', async () => {
  const tokens = await tokensFor(server, web, `${scope.first} ${scope.second}`)
  const narrow = await oauth.refreshTokenGrant(web.config, tokens.refresh_token, { scope: scope.first })
  assert.equal(narrow.scope, scope.first)
  const whole = await oauth.refreshTokenGrant(web.config, narrow.refresh_token)
  assert.deepEqual(whole.scope.split(' ').sort(), [scope.first, scope.second].sort())
  const small = await tokensFor(server, web, scope.first)
  const wider = oauth.refreshTokenGrant(web.config, small.refresh_token, { scope: `${scope.first} ${scope.second}` })
  assert.deepEqual(await refusal(wider), { error: 'invalid_scope', status: 400 })
})

// A21.
test('a refresh token of one client is nothing for another', async () => {
  const tokens = await tokensFor(server, spa, scope.first)
  assert.deepEqual(await refusal(oauth.refreshTokenGrant(web.config, tokens.refresh_token)), { error: 'invalid_grant', status: 400 })
  assert.ok((await oauth.refreshTokenGrant(spa.config, tokens.refresh_token)).access_token)
})

// A40.
test('a confidential client acts for itself without a refresh token', async () => {
  const tokens = await oauth.clientCredentialsGrant(web.config, { scope: scope.first })
  assert.equal(tokens.scope, scope.first)
  assert.equal(tokens.refresh_token, undefined)
  const answer = await introspected(web, tokens.access_token)
  assert.deepEqual({ active: answer.active, client_id: answer.client_id, scope: answer.scope }, { active: true, client_id: server.client('web').client_id, scope: scope.first })
})

// A39, A40.
test('a public client may not act for itself', async () => {
  assert.deepEqual(await refusal(oauth.clientCredentialsGrant(spa.config, { scope: scope.first })), { error: 'unauthorized_client', status: 400 })
})

test('a resource server learns what a token is good for', async () => {
  const tokens = await tokensFor(server, web, scope.first)
  const answer = await introspected(api, tokens.access_token)
  assert.equal(answer.active, true)
  assert.equal(answer.client_id, server.client('web').client_id)
  assert.equal(answer.iss, server.issuer)
  assert.ok(answer.scope.split(' ').includes(scope.first))
  assert.ok(answer.exp > answer.iat)
  assert.ok(answer.sub.length > 0)
})

// A56.
test('of a token that is not good nothing is said but that', async () => {
  const { access_token } = await tokensFor(server, web, scope.first)
  const last = access_token.at(-1) === 'A' ? 'B' : 'A'
  for (const token of [access_token.slice(0, -1) + last, access_token.slice(0, -1), `${access_token} `, access_token.toUpperCase(), 'x']) {
    assert.deepEqual(await introspected(api, token), { active: false })
  }
})

// A56: a public client cannot ask, and nobody else's refresh token is seen by a resource server.
test('only those who may introspect', async () => {
  const tokens = await tokensFor(server, web, scope.first)
  assert.equal((await refusal(oauth.tokenIntrospection(spa.config, tokens.access_token))).status, 401)
  assert.deepEqual(await introspected(api, tokens.refresh_token), { active: false })
})

// A55.
test('revoking the refresh token ends the access token as well', async () => {
  const tokens = await tokensFor(server, web, scope.first)
  await oauth.tokenRevocation(web.config, tokens.refresh_token)
  assert.deepEqual(await introspected(api, tokens.access_token), { active: false })
  assert.equal((await refusal(oauth.refreshTokenGrant(web.config, tokens.refresh_token))).error, 'invalid_grant')
})

// A55.
test("an unknown token is revoked without complaint, another client's is left alone", async () => {
  const tokens = await tokensFor(server, web, scope.first)
  await oauth.tokenRevocation(web.config, 'never-issued')
  await oauth.tokenRevocation(spa.config, tokens.access_token)
  assert.equal((await introspected(api, tokens.access_token)).active, true)
})
