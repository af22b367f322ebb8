// openid-client 6 signs its requests (RFC 9101), asks for single claims, and gets signed answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { startApplication } from '../support/application.js'
import { clientKey } from '../support/client_keys.js'
import { startGrantor } from '../support/grantor.js'
import { openidParty, partsOf, refusal, signInFor } from '../support/relying_party.js'
import { Visitor } from '../support/visitor.js'

let server, application
before(async () => {
  ;[server, application] = await Promise.all([startGrantor(), startApplication()])
})
after(() => Promise.all([application?.stop(), server?.stop()]))

/** The answer to a request that is signed as a whole, `outside` being what stands beside it in the address. */
async function askSigned(party, signing, { outside = {}, ...parameters } = {}) {
  const [verifier, state, nonce] = [oauth.randomPKCECodeVerifier(), oauth.randomState(), oauth.randomNonce()]
  const request = { response_type: 'code', redirect_uri: party.redirect_uri, scope: 'openid email', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...parameters }
  const url = await oauth.buildAuthorizationUrlWithJAR(party.config, request, signing, { [oauth.modifyAssertion]: (header) => void (header.alg = party.algorithm) })
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request'])
  for (const [name, value] of Object.entries(outside)) url.searchParams.set(name, value)
  const callback = await new Visitor(server.issuer).authorize(url, server.user)
  return { callback, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } }
}

/** Tokens for one. */
async function bySignedRequest(party, signing, parameters) {
  const { callback, checks } = await askSigned(party, signing, parameters)
  return oauth.authorizationCodeGrant(party.config, callback, checks)
}

async function signingParty(algorithm, openid = {}) {
  const { signing, jwks } = await clientKey(algorithm)
  const client = await server.declareClient({ name: `Signs with ${algorithm}`, openid: { jwks, ...openid } })
  return { signing, party: { ...(await openidParty(server, client)), algorithm } }
}

test('the discovery document says what requests may look like', async () => {
  const metadata = (await openidParty(server, await server.declareClient({ name: 'Reader' }))).config.serverMetadata()
  assert.equal(metadata.request_parameter_supported, true)
  assert.equal(metadata.claims_parameter_supported, true)
  assert.ok(!metadata.request_object_signing_alg_values_supported.includes('none'))
})

for (const algorithm of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
  test(`a request signed with ${algorithm} is the request, whatever stands beside it`, async () => {
    const { signing, party } = await signingParty(algorithm, { request_object_signing_alg: algorithm })
    const tokens = await bySignedRequest(party, signing, { outside: { scope: 'openid profile', state: 'of somebody else' } })
    assert.ok(tokens.claims().sub)
    assert.ok((await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)).email)
  })
}

test('a client that has to sign gets nothing unsigned, and nothing signed by others', async () => {
  const { signing, party } = await signingParty('ES256', { require_signed_request_object: true })
  assert.equal((await refusal(signInFor(server, party, 'openid'))).error, 'invalid_request')
  const { signing: foreign } = await clientKey('ES256')
  const { callback } = await askSigned(party, foreign, { outside: { redirect_uri: party.redirect_uri } })
  assert.equal(callback.searchParams.get('error'), 'invalid_request_object')
  assert.ok((await bySignedRequest(party, signing)).id_token)
})

test('a signed request may lie where the client keeps it', async () => {
  const request_uri = `${application.origin}/request.jwt`
  const { signing, party } = await signingParty('ES256', { request_uris: [request_uri] })
  const [verifier, nonce] = [oauth.randomPKCECodeVerifier(), oauth.randomNonce()]
  const request = { response_type: 'code', redirect_uri: party.redirect_uri, scope: 'openid', nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }
  const signed = await oauth.buildAuthorizationUrlWithJAR(party.config, request, signing)
  application.serve('/request.jwt', 'application/oauth-authz-req+jwt', signed.searchParams.get('request'))
  const url = oauth.buildAuthorizationUrl(party.config, { request_uri, scope: 'openid' })
  url.searchParams.delete('redirect_uri')
  const callback = await new Visitor(server.issuer).authorize(url, server.user)
  assert.ok((await oauth.authorizationCodeGrant(party.config, callback, { pkceCodeVerifier: verifier, expectedNonce: nonce })).id_token)
})

test('single claims are told where they were asked for', async () => {
  const party = await openidParty(server, await server.declareClient({ name: 'Asks for claims' }))
  const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { preferred_username: null } })
  const tokens = await signInFor(server, party, 'openid', { claims })
  assert.equal(tokens.claims().email, `${server.user.login}@demo.example`)
  const person = await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)
  assert.deepEqual(Object.keys(person).sort(), ['preferred_username', 'sub'])
})

test('UserInfo is signed for a client that registered it', async () => {
  const client = await server.declareClient({ name: 'Signed answers', openid: { userinfo_signed_response_alg: 'ES256' } })
  const party = await openidParty(server, client, { metadata: { userinfo_signed_response_alg: 'ES256' } })
  const tokens = await signInFor(server, party, 'openid email')
  const person = await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)
  assert.deepEqual([person.iss, person.aud], [server.issuer, client.client_id])
  assert.equal(person.email, `${server.user.login}@demo.example`)
  const answer = await fetch(`${server.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  assert.equal(answer.headers.get('content-type'), 'application/jwt')
  assert.equal(partsOf(await answer.text()).header.alg, 'ES256')
})
