// openid-client 6 runs the authorization code flow with PKCE as a pure OAuth 2.0 client.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { ID } from '../support/elements.js'
import { scopesOf, startGrantor } from '../support/grantor.js'
import { approve, refusal, relyingParty, tokensFor } from '../support/relying_party.js'
import { Visitor } from '../support/visitor.js'

let server, web, spa, scope
before(async () => {
  server = await startGrantor()
  web = await relyingParty(server, 'web')
  spa = await relyingParty(server, 'spa')
  scope = scopesOf(server)
})
after(() => server?.stop())

const bodyClient = () =>
  server.createClient({ 'authentication-method': 'client_secret_post', scope: scope.first, redirect_uris: ['http://127.0.0.1/callback'] })
const because = (pattern) => (error) => pattern.test(error.cause?.message ?? error.message)

// A27.
test('the metadata of RFC 8414 is what a strict client needs', async () => {
  const metadata = web.config.serverMetadata()
  assert.equal(metadata.issuer, server.issuer)
  assert.equal(metadata.authorization_endpoint, `${server.issuer}/oauth/authorize`)
  assert.equal(metadata.token_endpoint, `${server.issuer}/oauth/token`)
  assert.equal(metadata.introspection_endpoint, `${server.issuer}/oauth/introspect`)
  assert.equal(metadata.revocation_endpoint, `${server.issuer}/oauth/revoke`)
  assert.equal(metadata.authorization_response_iss_parameter_supported, true)
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256'])
  for (const offered of ['authorization_code', 'refresh_token', 'client_credentials']) assert.ok(metadata.grant_types_supported.includes(offered))
  for (const offered of ['client_secret_basic', 'client_secret_post', 'none']) assert.ok(metadata.token_endpoint_auth_methods_supported.includes(offered))
})

test('a confidential client gets tokens with its secret in the header', async () => {
  const tokens = await tokensFor(server, web, scope.first)
  assert.equal(tokens.token_type, 'bearer')
  assert.equal(tokens.scope, scope.first)
  assert.ok(tokens.expiresIn() > 0)
  assert.match(tokens.access_token, /^gat_/)
  assert.match(tokens.refresh_token, /^grt_/)
})

test('a confidential client registered for it gets tokens with its secret in the body', async () => {
  const party = await relyingParty(server, await bodyClient(), oauth.ClientSecretPost)
  assert.equal((await tokensFor(server, party, scope.first)).scope, scope.first)
})

// A36.
test('the right secret by another method than the registered one is refused and does not burn the code', async () => {
  for (const [client, registered, other] of [
    ['web', oauth.ClientSecretBasic, oauth.ClientSecretPost],
    [await bodyClient(), oauth.ClientSecretPost, oauth.ClientSecretBasic],
  ]) {
    const [party, impostor] = [await relyingParty(server, client, registered), await relyingParty(server, client, other)]
    const { callback, checks } = await approve(server, party, scope.first)
    const { error, status } = await refusal(oauth.authorizationCodeGrant(impostor.config, callback, checks))
    assert.deepEqual({ error, status }, { error: 'invalid_client', status: 401 })
    assert.ok((await oauth.authorizationCodeGrant(party.config, callback, checks)).access_token)
  }
})

test('a public client gets tokens with PKCE alone', async () => {
  assert.equal((await tokensFor(server, spa, scope.first)).scope, scope.first)
})

// A25.
test('a public client without a code challenge is refused', async () => {
  const url = oauth.buildAuthorizationUrl(spa.config, { redirect_uri: spa.redirect_uri, scope: scope.first, state: 's' })
  const callback = await new Visitor(server.issuer).authorize(url, server.user)
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(spa.config, callback, { expectedState: 's' })), { error: 'invalid_request', status: undefined })
})

// A06.
test('the answer carries state and issuer, and the client refuses it when either is not its own', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  assert.equal(callback.searchParams.get('iss'), server.issuer)
  assert.equal(callback.searchParams.get('state'), checks.expectedState)
  const foreign = new URL(callback)
  foreign.searchParams.set('iss', 'http://127.0.0.1:1')
  await assert.rejects(oauth.authorizationCodeGrant(web.config, foreign, checks), because(/iss/))
  const anonymous = new URL(callback)
  anonymous.searchParams.delete('iss')
  await assert.rejects(oauth.authorizationCodeGrant(web.config, anonymous, checks), because(/iss/))
  await assert.rejects(oauth.authorizationCodeGrant(web.config, callback, { ...checks, expectedState: 'another' }), because(/state/))
  assert.ok((await oauth.authorizationCodeGrant(web.config, callback, checks)).access_token, 'the true answer is still good')
})

// A26, S44.
test('a wrong verifier is refused and does not burn the code', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  const wrong = { ...checks, pkceCodeVerifier: oauth.randomPKCECodeVerifier() }
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(web.config, callback, wrong)), { error: 'invalid_grant', status: 400 })
  assert.ok((await oauth.authorizationCodeGrant(web.config, callback, checks)).access_token)
})

// A22, S42.
test('a code redeemed twice takes its tokens down', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  const tokens = await oauth.authorizationCodeGrant(web.config, callback, checks)
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(web.config, callback, checks)), { error: 'invalid_grant', status: 400 })
  assert.deepEqual({ ...(await oauth.tokenIntrospection(web.config, tokens.access_token)) }, { active: false })
  assert.equal((await refusal(oauth.refreshTokenGrant(web.config, tokens.refresh_token))).error, 'invalid_grant')
})

// A21.
test('a code of one client is nothing for another, and stays good', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(spa.config, callback, checks)), { error: 'invalid_grant', status: 400 })
  assert.ok((await oauth.authorizationCodeGrant(web.config, callback, checks)).access_token)
})

// A24, A33.
test('a wrong client secret is refused and does not burn the code', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  const secret = 'not-the-secret-of-this-client-at-all'
  const options = { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] }
  const impostor = await oauth.discovery(new URL(server.issuer), server.client('web').client_id, { client_secret: secret }, oauth.ClientSecretBasic(secret), options)
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(impostor, callback, checks)), { error: 'invalid_client', status: 401, scheme: 'basic' })
  assert.ok((await oauth.authorizationCodeGrant(web.config, callback, checks)).access_token)
})

// A29.
test('another redirect URI at the token endpoint is refused', async () => {
  const { callback, checks } = await approve(server, web, scope.first)
  const moved = new URL(callback)
  moved.port = '49153'
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(web.config, moved, checks)), { error: 'invalid_grant', status: 400 })
})

// A01, A05.
test('an unregistered redirect URI ends on a page of the server', async () => {
  for (const redirect_uri of [`${web.redirect_uri}/more`, `${web.redirect_uri}?x=1`, 'https://elsewhere.example/callback']) {
    const page = await new Visitor(server.issuer).open(oauth.buildAuthorizationUrl(web.config, { redirect_uri, scope: scope.first, code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }))
    assert.deepEqual({ status: page.status, location: page.location }, { status: 400, location: undefined })
  }
})

test('a denied request comes back as access_denied', async () => {
  const { callback, checks } = await approve(server, spa, scope.first, { button: ID.deny })
  assert.deepEqual([...callback.searchParams.keys()].sort().filter((name) => !name.startsWith('error_')), ['error', 'iss', 'state'])
  assert.equal((await refusal(oauth.authorizationCodeGrant(spa.config, callback, checks))).error, 'access_denied')
})

test('an unknown scope comes back as invalid_scope', async () => {
  const { callback, checks } = await approve(server, web, `${scope.first} no-such-scope`)
  assert.equal((await refusal(oauth.authorizationCodeGrant(web.config, callback, checks))).error, 'invalid_scope')
})

test('without a session prompt=none comes back as login_required', async () => {
  const { callback, checks } = await approve(server, web, scope.first, { prompt: 'none' })
  assert.equal((await refusal(oauth.authorizationCodeGrant(web.config, callback, checks))).error, 'login_required')
})

// A17.
test('a second approval is silent for the confidential client and asked of the public one', async () => {
  const visitor = new Visitor(server.issuer)
  await tokensFor(server, web, scope.first, { visitor })
  await tokensFor(server, web, scope.first, { visitor, prompt: 'none' })
  await tokensFor(server, spa, scope.first, { visitor })
  const { callback, checks } = await approve(server, spa, scope.first, { visitor, prompt: 'none' })
  assert.equal((await refusal(oauth.authorizationCodeGrant(spa.config, callback, checks))).error, 'consent_required')
})
