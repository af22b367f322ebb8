// openid-client 6 where the ID token comes through the browser: hybrid, implicit, and answers as a form.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { startGrantor } from '../support/grantor.js'
import { approveSignIn, halfHash, openidParty, partsOf, refusal, signInFor } from '../support/relying_party.js'

let server, client, hybrid, implicit
before(async () => {
  server = await startGrantor()
  client = await server.declareClient({ name: 'Front channel', response_types: ['code', 'id_token', 'code id_token'] })
  hybrid = await openidParty(server, client, { uses: [oauth.useCodeIdTokenResponseType] })
  implicit = await openidParty(server, client, { uses: [oauth.useIdTokenResponseType] })
})
after(() => server?.stop())

const because = (pattern) => (error) => pattern.test(`${error.message} ${error.cause?.message ?? ''}`)
const signedIn = ({ callback, checks: { expectedNonce, pkceCodeVerifier, ...checks } }) => oauth.implicitAuthentication(implicit.config, callback, expectedNonce, checks)

/** The same answer with another value at `name`: a thief's. */
function exchanged(callback, name, value) {
  const url = new URL(callback)
  const fragment = new URLSearchParams(url.hash.slice(1))
  fragment.set(name, value)
  url.hash = fragment
  return url
}

test('hybrid: the ID token vouches for the code, and the code brings another', async () => {
  const { callback, checks } = await approveSignIn(server, hybrid, 'openid email', { max_age: 600 })
  const front = new URLSearchParams(callback.hash.slice(1))
  assert.deepEqual([callback.search, [...front.keys()].sort()], ['', ['code', 'id_token', 'iss', 'state']])
  const { claims } = partsOf(front.get('id_token'))
  assert.equal(claims.c_hash, halfHash('ES256', front.get('code')))
  const tokens = await oauth.authorizationCodeGrant(hybrid.config, callback, checks)
  const { sub, auth_time, sid } = tokens.claims()
  assert.deepEqual({ sub, auth_time, sid }, { sub: claims.sub, auth_time: claims.auth_time, sid: claims.sid })
  assert.equal(tokens.claims().at_hash, halfHash('ES256', tokens.access_token))
  assert.ok((await oauth.fetchUserInfo(hybrid.config, tokens.access_token, sub)).email)
})

test('hybrid: a code that was slipped in is refused by the client, before the server sees it', async () => {
  const [mine, theirs] = [await approveSignIn(server, hybrid, 'openid'), await approveSignIn(server, hybrid, 'openid')]
  const code = new URLSearchParams(theirs.callback.hash.slice(1)).get('code')
  await assert.rejects(oauth.authorizationCodeGrant(hybrid.config, exchanged(mine.callback, 'code', code), mine.checks), because(/c_hash/))
  const [header, body, signature] = new URLSearchParams(mine.callback.hash.slice(1)).get('id_token').split('.')
  const forged = exchanged(mine.callback, 'id_token', [header, body, signature.split('').reverse().join('')].join('.'))
  await assert.rejects(oauth.authorizationCodeGrant(hybrid.config, forged, mine.checks), because(/signature/))
  assert.ok((await oauth.authorizationCodeGrant(hybrid.config, mine.callback, mine.checks)).id_token, 'the true answer is still good')
})

test('implicit: the ID token alone tells the claims, for there is no token to ask with', async () => {
  const answer = await approveSignIn(server, implicit, 'openid email profile', { max_age: 600 })
  assert.deepEqual([...new URLSearchParams(answer.callback.hash.slice(1)).keys()].sort(), ['id_token', 'iss', 'state'])
  const claims = await signedIn(answer)
  assert.equal(claims.email, `${server.user.login}@demo.example`)
  assert.equal(claims.preferred_username, server.user.login)
  assert.deepEqual([claims.at_hash, claims.c_hash], [undefined, undefined])
})

test('implicit: an answer to another request, or without a nonce, is refused', async () => {
  const answer = await approveSignIn(server, implicit, 'openid')
  await assert.rejects(signedIn({ ...answer, checks: { ...answer.checks, expectedNonce: 'of another request' } }), because(/nonce/))
  const bare = await approveSignIn(server, implicit, 'openid', { nonce: '' })
  assert.deepEqual(await refusal(signedIn(bare)), { error: 'invalid_request', status: undefined })
})

for (const [type, party, redeem] of [
  ['code', async () => openidParty(server, client), (config, { callback, checks }) => oauth.authorizationCodeGrant(config, callback, checks).then((tokens) => tokens.claims())],
  ['code id_token', async () => hybrid, (config, { callback, checks }) => oauth.authorizationCodeGrant(config, callback, checks).then((tokens) => tokens.claims())],
  ['id_token', async () => implicit, (_, answer) => signedIn(answer)],
]) {
  test(`form_post: the answer for ${type} comes as a form, and nothing in the address`, async () => {
    const { config, ...rest } = await party()
    const answer = await approveSignIn(server, { config, ...rest }, 'openid', { response_mode: 'form_post' })
    assert.deepEqual([answer.callback.method, answer.callback.url], ['POST', rest.redirect_uri])
    assert.ok((await redeem(config, answer)).sub)
  })
}

test('a client that is not marked for it gets no token through the browser', async () => {
  const unmarked = await openidParty(server, await server.declareClient({ name: 'Unmarked' }), { uses: [oauth.useCodeIdTokenResponseType] })
  assert.deepEqual(await refusal(signInFor(server, unmarked, 'openid')), { error: 'unauthorized_client', status: undefined })
})
