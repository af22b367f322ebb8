// `grantor dev --profile certification` as the conformance suite meets it: the file that is pasted into the suite, and its
// clients, which send no code challenge and take every response type.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { clientKey } from '../support/client_keys.js'
import { startGrantor } from '../support/grantor.js'
import { openidParty, partsOf, refusal } from '../support/relying_party.js'
import { saw } from '../support/secrets.js'
import { Visitor } from '../support/visitor.js'

const SUITE = 'https://suite.example:8443'
const CALLBACK = `${SUITE}/test/a/mine/callback`
let server, plan
before(async () => {
  server = await startGrantor({}, ['--profile', 'certification', '--suite', SUITE, '--alias', 'mine'])
  plan = JSON.parse(await readFile(join(server.data, 'certification.json'), 'utf8'))
  for (const part of ['client', 'client2', 'client_secret_post']) saw(plan[part].client_secret)
})
after(() => server?.stop())

/** A client of the plan, without the caution of other relying parties. */
const part = (name, options) => openidParty(server, { ...plan[name], redirect_uris: [CALLBACK] }, { metadata: { id_token_signed_response_alg: 'RS256' }, ...options })

async function request({ config }, parameters) {
  const [state, nonce] = [oauth.randomState(), oauth.randomNonce()]
  const url = oauth.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: 'openid email', state, nonce, ...parameters })
  const callback = await new Visitor(server.issuer).authorize(url, server.user)
  return { callback, checks: { expectedState: state, expectedNonce: nonce } }
}

test('the file says where the server is and who the clients are', () => {
  assert.deepEqual({ alias: plan.alias, discoveryUrl: plan.server.discoveryUrl }, { alias: 'mine', discoveryUrl: `${server.issuer}/.well-known/openid-configuration` })
})

for (const [name, authentication] of [
  ['client', oauth.ClientSecretBasic],
  ['client2', oauth.ClientSecretBasic],
  ['client_secret_post', oauth.ClientSecretPost],
]) {
  test(`${name} needs no code challenge and gets RS256`, async () => {
    const party = await part(name, { authentication })
    const { callback, checks } = await request(party)
    const tokens = await oauth.authorizationCodeGrant(party.config, callback, checks)
    assert.equal(partsOf(tokens.id_token).header.alg, 'RS256')
    assert.ok((await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)).email)
  })
}

test('every response type is open to it', async () => {
  const { config } = await part('client')
  for (const response_type of config.serverMetadata().response_types_supported) {
    const { callback } = await request({ config }, { response_type })
    const answer = new URLSearchParams(callback.hash.slice(1) || callback.search)
    assert.equal(answer.get('error'), null, `${response_type}: ${answer}`)
  }
})

test('other clients of the same server are asked for a code challenge', async () => {
  const party = await openidParty(server, await server.declareClient({ name: 'Like any other' }))
  const { callback, checks } = await request(party, { redirect_uri: party.redirect_uri })
  assert.deepEqual(await refusal(oauth.authorizationCodeGrant(party.config, callback, checks)), { error: 'invalid_request', status: undefined })
})

test('clients register themselves as the suite does, without a challenge and with assertions for the token endpoint', async () => {
  const metadata = { client_name: 'A module', redirect_uris: [CALLBACK], post_logout_redirect_uris: [`${SUITE}/test/a/mine/post_logout_redirect`] }
  const basic = (...call) => oauth.ClientSecretBasic(call[1].client_secret)(...call)
  const config = await oauth.dynamicClientRegistration(new URL(server.issuer), metadata, basic, { execute: [oauth.allowInsecureRequests] })
  const { callback, checks } = await request({ config })
  assert.ok((await oauth.authorizationCodeGrant(config, callback, checks)).id_token)

  const { signing, jwks } = await clientKey('RS256')
  const audience = { [oauth.modifyAssertion]: (_, claims) => (claims.aud = config.serverMetadata().token_endpoint) }
  const authentication = oauth.PrivateKeyJwt(signing, audience)
  const asserting = await oauth.dynamicClientRegistration(new URL(server.issuer), { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks }, authentication, {
    execute: [oauth.allowInsecureRequests],
  })
  const asserted = await request({ config: asserting })
  assert.ok((await oauth.authorizationCodeGrant(asserting, asserted.callback, asserted.checks)).id_token)
})

test('a client of the plan leads people back after logout', async () => {
  const party = await part('client')
  const { callback, checks } = await request(party)
  const { id_token } = await oauth.authorizationCodeGrant(party.config, callback, checks)
  const back = `${SUITE}/test/a/mine/post_logout_redirect`
  const url = oauth.buildEndSessionUrl(party.config, { id_token_hint: id_token, post_logout_redirect_uri: back, state: 'of the suite' })
  const answer = await fetch(url, { redirect: 'manual' })
  const page = await answer.text()
  assert.ok((answer.headers.get('location') ?? page).includes(back), `${answer.status}: ${page.slice(0, 400)}`)
})
