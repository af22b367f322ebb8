// openid-client 6 signs people out (OpenID Connect RP-Initiated Logout), and a client hears of it by back channel.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'openid-client'
import { startApplication } from '../support/application.js'
import { ID } from '../support/elements.js'
import { formWith } from '../support/forms.js'
import { startGrantor } from '../support/grantor.js'
import { openidParty, refusal, signInFor } from '../support/relying_party.js'
import { Visitor } from '../support/visitor.js'

const BACK = 'https://client.example/signed-out'
let server, application, party, visitor
before(async () => {
  ;[server, application] = await Promise.all([startGrantor(), startApplication()])
  party = await openidParty(server, await server.declareClient({ name: 'Signs out', openid: { post_logout_redirect_uris: [BACK] } }))
})
after(() => Promise.all([application?.stop(), server?.stop()]))

const signedIn = (scope = 'openid') => {
  visitor = new Visitor(server.issuer)
  return signInFor(server, party, scope, { visitor, prompt: scope.includes('offline_access') ? 'consent' : '' })
}
const endSession = (parameters) => oauth.buildEndSessionUrl(party.config, parameters)
const stillSignedIn = () => signInFor(server, party, 'openid', { visitor, prompt: 'none' }).then(() => true, ({ error }) => (assert.equal(error, 'login_required'), false))

test('the discovery document names the endpoint', () => {
  assert.equal(party.config.serverMetadata().end_session_endpoint, `${server.issuer}/oauth/logout`)
})

test('who is signed in is asked, and comes back to the application with its state', async () => {
  await signedIn()
  const page = await visitor.open(endSession({ post_logout_redirect_uri: BACK, state: 'where-we-were' }))
  assert.equal(await stillSignedIn(), true, 'looking at the page changes nothing')
  const { location } = await visitor.press(page, ID.signOut)
  assert.equal(location.href, `${BACK}?state=where-we-were`)
  assert.equal(await stillSignedIn(), false)
})

test("with the session's own ID token nobody is asked", async () => {
  const { id_token } = await signedIn()
  const { location } = await visitor.open(endSession({ id_token_hint: id_token, post_logout_redirect_uri: BACK, state: 's' }))
  assert.equal(location?.href, `${BACK}?state=s`)
  assert.equal(await stillSignedIn(), false)
})

test('an address that is not registered, or a hint that somebody changed, ends on a page and signs nobody out', async () => {
  const { id_token } = await signedIn()
  for (const parameters of [
    { id_token_hint: id_token, post_logout_redirect_uri: `${BACK}?more` },
    { id_token_hint: `${id_token.slice(0, -4)}AAAA`, post_logout_redirect_uri: BACK },
  ]) {
    const page = await visitor.open(endSession(parameters))
    assert.deepEqual([page.status, page.location], [400, undefined])
    assert.equal(formWith(page.html, ID.signOut), undefined)
  }
  assert.equal(await stillSignedIn(), true)
})

test('what hangs on the session ends with it, what the person allowed while away does not', async () => {
  const here = await signedIn()
  const away = await signInFor(server, party, 'openid offline_access', { visitor, prompt: 'consent' })
  await visitor.open(endSession({ id_token_hint: here.id_token }))
  assert.equal(await stillSignedIn(), false)
  const introspected = async (token) => (await oauth.tokenIntrospection(party.config, token)).active
  assert.equal(await introspected(here.access_token), false)
  assert.ok((await oauth.refreshTokenGrant(party.config, away.refresh_token)).access_token)
})

test('a client that was signed in to through the session hears of its end, by a token of the published keys', async () => {
  const backchannel_logout_uri = `${application.origin}/ended`
  const { client_id, ...client } = await server.declareClient({ name: 'Hears of it', openid: { backchannel_logout_uri, backchannel_logout_session_required: true } })
  const listening = await openidParty(server, { client_id, ...client })
  const { id_token } = await signedIn()
  const claims = (await signInFor(server, listening, 'openid', { visitor })).claims()
  const heard = application.arrival('/ended')
  await visitor.open(endSession({ id_token_hint: id_token }))
  const { method, form } = await heard
  assert.equal(method, 'POST')
  const keys = createRemoteJWKSet(new URL(party.config.serverMetadata().jwks_uri))
  const { payload } = await jwtVerify(form.logout_token, keys, { issuer: server.issuer, audience: client_id, typ: 'logout+jwt', requiredClaims: ['iat', 'exp', 'jti'] })
  assert.deepEqual({ sub: payload.sub, sid: payload.sid, nonce: payload.nonce }, { sub: claims.sub, sid: claims.sid, nonce: undefined })
  assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
})
