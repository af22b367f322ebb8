// openid-client 6 registers itself (RFC 7591), authenticates in every way there is, gets ID tokens signed as it wished, and
// manages its registration (RFC 7592).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { clientKey } from '../support/client_keys.js'
import { startGrantor } from '../support/grantor.js'
import { partsOf, refusal, signInFor } from '../support/relying_party.js'
import { sawIn } from '../support/secrets.js'

const REDIRECT = 'https://client.example/callback'
const OPEN = { GRANTOR__REGISTRATION__MODE: 'open', GRANTOR__REGISTRATION__PER_HOUR: '1000' }
const SWITCHES = [oauth.allowInsecureRequests, oauth.enableNonRepudiationChecks]

let server
before(async () => {
  server = await startGrantor(OPEN)
})
after(() => server?.stop())

/** How a client authenticates that registered nothing about it. */
const usual = (...call) => oauth.ClientSecretBasic(call[1].client_secret)(...call)

/** A client that registered itself with this metadata. */
async function registered(metadata = {}, authentication = usual) {
  const config = await oauth.dynamicClientRegistration(new URL(server.issuer), { client_name: 'Registered by itself', redirect_uris: [REDIRECT], ...metadata }, authentication, { execute: SWITCHES })
  return { config, redirect_uri: REDIRECT }
}

const algorithmOf = (tokens) => partsOf(tokens.id_token).header.alg

test('without a word about it nobody can register, and nothing says so', async () => {
  const closed = await startGrantor()
  try {
    const metadata = await (await fetch(`${closed.issuer}/.well-known/openid-configuration`)).json()
    assert.equal(metadata.registration_endpoint, undefined)
    const answer = await fetch(`${closed.issuer}/oauth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ redirect_uris: [REDIRECT] }) })
    assert.ok([403, 404].includes(answer.status), `status ${answer.status}`)
  } finally {
    await closed.stop()
  }
})

test('an application registers itself and signs somebody in, by nothing but what the server told it', async () => {
  const party = await registered()
  const { registration_endpoint } = party.config.serverMetadata()
  assert.equal(registration_endpoint, `${server.issuer}/oauth/register`)
  const client = party.config.clientMetadata()
  assert.deepEqual(client.redirect_uris, [REDIRECT])
  assert.equal(client.token_endpoint_auth_method, 'client_secret_basic')
  assert.equal(client.client_secret_expires_at, 0)
  const tokens = await signInFor(server, party, 'openid profile')
  assert.equal(algorithmOf(tokens), 'RS256', 'what the specification says where the registration says nothing')
  assert.equal((await oauth.fetchUserInfo(party.config, tokens.access_token, tokens.claims().sub)).preferred_username, server.user.login)
})

for (const algorithm of ['ES256', 'PS256', 'EdDSA', 'RS256']) {
  test(`ID tokens are signed with ${algorithm} for a client that registered it`, async () => {
    const party = await registered({ id_token_signed_response_alg: algorithm })
    const tokens = await signInFor(server, party, 'openid')
    assert.equal(algorithmOf(tokens), algorithm)
  })
}

test('a client registers its own key', async () => {
  const { signing, jwks } = await clientKey('ES256')
  const party = await registered({ token_endpoint_auth_method: 'private_key_jwt', jwks }, oauth.PrivateKeyJwt(signing))
  assert.equal(party.config.clientMetadata().client_secret, undefined)
  assert.ok((await signInFor(server, party, 'openid')).id_token)
})

test('a client proves itself with a secret that never travels', async () => {
  const party = await registered({ token_endpoint_auth_method: 'client_secret_jwt' }, (...call) => oauth.ClientSecretJwt(call[1].client_secret)(...call))
  assert.ok((await signInFor(server, party, 'openid')).id_token)
  const { client_id, client_secret } = party.config.clientMetadata()
  const plain = new oauth.Configuration(party.config.serverMetadata(), client_id, { client_secret }, oauth.ClientSecretBasic(client_secret))
  oauth.allowInsecureRequests(plain)
  assert.equal((await refusal(signInFor(server, { ...party, config: plain }, 'openid'))).error, 'invalid_client')
})

test('a public client registers itself for the device it runs on', async () => {
  const redirect_uri = 'http://127.0.0.1/callback'
  const { config } = await registered({ redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none', application_type: 'native' }, oauth.None())
  assert.equal(config.clientMetadata().client_secret, undefined)
  assert.ok((await signInFor(server, { config, redirect_uri: 'http://127.0.0.1:49152/callback' }, 'openid')).id_token)
})

test('what cannot be registered is refused by name', async () => {
  for (const [metadata, error] of [
    [{ redirect_uris: ['https://client.example/callback#fragment'] }, 'invalid_redirect_uri'],
    [{ redirect_uris: ['http://client.example/callback'] }, 'invalid_redirect_uri'],
    [{ id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
  ]) {
    assert.deepEqual(await refusal(registered(metadata)), { error, status: 400 }, JSON.stringify(metadata))
  }
})

test('a registration is read, changed and taken back with the token that came with it', async () => {
  const party = await registered()
  const { client_id, client_secret, registration_client_uri, registration_access_token } = party.config.clientMetadata()
  let token = registration_access_token
  const call = async (method, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const answer = await fetch(registration_client_uri, { method, headers, body: body && JSON.stringify(body) })
    const said = await answer.text()
    sawIn(said)
    return { status: answer.status, ...(said && JSON.parse(said)) }
  }
  const read = await call('GET')
  assert.deepEqual([read.status, read.client_id, read.client_name], [200, client_id, 'Registered by itself'])
  const changed = await call('PUT', { client_id, client_secret, redirect_uris: [REDIRECT], client_name: 'Renamed' })
  assert.deepEqual([changed.status, changed.client_name], [200, 'Renamed'])
  assert.equal((await call('GET')).status, 401, 'each change makes a new token')
  token = changed.registration_access_token
  assert.equal((await call('DELETE')).status, 204)
  assert.equal((await call('GET')).status, 401)
})
