// openid-client 6 as a relying party of OpenID Connect: the code flow with every check it has, UserInfo, refresh, and keys
// that change in between.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { startGrantor } from '../support/grantor.js'
import { approveSignIn, halfHash, openidParty, partsOf, signInFor } from '../support/relying_party.js'
import { Visitor } from '../support/visitor.js'

const EVERYTHING = 'openid profile email address phone'

let server, party
before(async () => {
  server = await startGrantor()
  party = await openidParty(server, await server.declareClient({ name: 'Relying party' }))
})
after(() => server?.stop())

const because = (pattern) => (error) => pattern.test(`${error.message} ${error.cause?.message ?? ''}`)
const rotate = (now) => server.api('POST', '/admin/signing-keys/rotate', { algorithms: ['ES256'], now })

test('the discovery document is what a strict relying party needs', () => {
  const metadata = party.config.serverMetadata()
  assert.equal(metadata.issuer, server.issuer)
  assert.equal(metadata.userinfo_endpoint, `${server.issuer}/oauth/userinfo`)
  assert.equal(metadata.jwks_uri, `${server.issuer}/oauth/jwks.json`)
  assert.ok(metadata.subject_types_supported.includes('public'))
  for (const algorithm of ['RS256', 'ES256', 'PS256', 'EdDSA']) assert.ok(metadata.id_token_signing_alg_values_supported.includes(algorithm), algorithm)
  for (const mode of ['query', 'fragment', 'form_post']) assert.ok(metadata.response_modes_supported.includes(mode), mode)
  for (const scope of EVERYTHING.split(' ')) assert.ok(metadata.scopes_supported.includes(scope), scope)
})

test('an ID token tells who signed in, when, for whom and beside which access token', async () => {
  const started = Math.floor(Date.now() / 1000)
  const tokens = await signInFor(server, party, 'openid', { max_age: 600 })
  const claims = tokens.claims()
  const { header } = partsOf(tokens.id_token)
  assert.deepEqual({ alg: header.alg, typ: header.typ }, { alg: 'ES256', typ: 'JWT' })
  assert.equal(claims.aud, party.config.clientMetadata().client_id)
  assert.equal(claims.at_hash, halfHash(header.alg, tokens.access_token))
  assert.deepEqual({ amr: claims.amr, acr: claims.acr }, { amr: ['pwd'], acr: 'urn:grantor:acr:pwd' })
  assert.ok(claims.auth_time >= started && claims.auth_time <= claims.iat, JSON.stringify(claims))
  // Who wants to know more asks UserInfo: nothing personal travels in a token that is logged and kept.
  assert.deepEqual(Object.keys(claims).sort(), ['acr', 'amr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'nonce', 'sid', 'sub'])
})

for (const algorithm of ['RS256', 'PS256', 'EdDSA']) {
  test(`a client that registered ${algorithm} gets its ID tokens signed so`, async () => {
    const client = await server.declareClient({ name: `Wants ${algorithm}`, openid: { id_token_signed_response_alg: algorithm } })
    const other = await openidParty(server, client, { metadata: { id_token_signed_response_alg: algorithm } })
    const tokens = await signInFor(server, other, 'openid', { max_age: 600 })
    assert.equal(partsOf(tokens.id_token).header.alg, algorithm)
    assert.equal(tokens.claims().at_hash, halfHash(algorithm, tokens.access_token))
  })
}

test('an ID token that is another request\'s, or of another algorithm, is refused by the client', async () => {
  const { callback, checks } = await approveSignIn(server, party, 'openid')
  await assert.rejects(oauth.authorizationCodeGrant(party.config, callback, { ...checks, expectedNonce: 'of another request' }), because(/nonce/))
  const stubborn = await openidParty(server, await server.declareClient({ name: 'Other algorithm' }), { metadata: { id_token_signed_response_alg: 'RS256' } })
  await assert.rejects(signInFor(server, stubborn, 'openid'), because(/alg/))
})

test('without openid there is no ID token and nothing to learn at UserInfo', async () => {
  const { callback, checks } = await approveSignIn(server, party, 'profile')
  const tokens = await oauth.authorizationCodeGrant(party.config, callback, { ...checks, expectedNonce: undefined })
  assert.equal(tokens.id_token, undefined)
  await assert.rejects(oauth.fetchUserInfo(party.config, tokens.access_token, oauth.skipSubjectCheck), ({ status, cause }) => {
    assert.deepEqual({ status, error: cause[0].parameters.error }, { status: 403, error: 'insufficient_scope' })
    return true
  })
})

test('UserInfo tells what the scopes allow, about the subject of the ID token', async () => {
  const tokens = await signInFor(server, party, EVERYTHING)
  const { sub } = tokens.claims()
  const person = await oauth.fetchUserInfo(party.config, tokens.access_token, sub)
  assert.equal(person.preferred_username, server.user.login)
  assert.equal(person.email, `${server.user.login}@demo.example`)
  assert.equal(typeof person.email_verified, 'boolean')
  const few = await signInFor(server, party, 'openid')
  assert.deepEqual(Object.keys(await oauth.fetchUserInfo(party.config, few.access_token, sub)), ['sub'])
  await assert.rejects(oauth.fetchUserInfo(party.config, tokens.access_token, 'somebody else'), because(/sub/))
})

test('a refresh brings a new ID token about the same sign-in', async () => {
  const first = await signInFor(server, party, 'openid offline_access', { prompt: 'consent' })
  const second = await oauth.refreshTokenGrant(party.config, first.refresh_token)
  const [then, now] = [first.claims(), second.claims()]
  for (const claim of ['iss', 'sub', 'aud', 'auth_time', 'sid']) assert.deepEqual(now[claim], then[claim], claim)
  assert.equal(now.nonce, undefined)
  assert.equal(now.at_hash, halfHash('ES256', second.access_token))
  assert.equal((await oauth.fetchUserInfo(party.config, second.access_token, then.sub)).sub, then.sub)
})

test('without offline_access there is no refresh token', async () => {
  assert.equal((await signInFor(server, party, 'openid')).refresh_token, undefined)
})

test('a silent request tells of the same sign-in', async () => {
  const visitor = new Visitor(server.issuer)
  const first = (await signInFor(server, party, 'openid', { visitor })).claims()
  const silent = (await signInFor(server, party, 'openid', { visitor, prompt: 'none', max_age: 600 })).claims()
  assert.deepEqual([silent.sub, silent.auth_time, silent.sid], [first.sub, first.auth_time, first.sid])
  assert.notEqual(silent.nonce, first.nonce)
})

test('a key that is announced changes nothing for a client that knows the old one', async () => {
  const before = partsOf((await signInFor(server, party, 'openid')).id_token).header.kid
  const [announced] = await rotate(false)
  const client = await openidParty(server, await server.declareClient({ name: 'After the announcement' }))
  for (const each of [party, client]) assert.equal(partsOf((await signInFor(server, each, 'openid')).id_token).header.kid, before)
  const { keys } = await (await fetch(party.config.serverMetadata().jwks_uri)).json()
  const kids = keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid)
  assert.deepEqual(kids.sort(), [before, announced.kid].sort())
})

test('after an emergency a client follows to the new key, and believes no token of the old one', async (t) => {
  const old = await signInFor(server, party, 'openid offline_access', { prompt: 'consent' })
  const [made] = await rotate(true)
  // It asked for the keys a moment ago and asks again after a minute: its own clock, not the server's.
  await assert.rejects(oauth.refreshTokenGrant(party.config, old.refresh_token), because(/no applicable keys/))
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 })
  const fresh = await signInFor(server, party, 'openid')
  assert.equal(partsOf(fresh.id_token).header.kid, made.kid)
  const { keys } = await (await fetch(party.config.serverMetadata().jwks_uri)).json()
  assert.ok(!keys.some(({ kid }) => kid === partsOf(old.id_token).header.kid), 'the old key is published no more')
})
