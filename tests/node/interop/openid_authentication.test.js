// openid-client 6 proves itself by assertions (RFC 7523, OpenID Connect Core section 9): signed with its own key, or with a
// secret that never travels.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { startApplication } from '../support/application.js'
import { clientKey } from '../support/client_keys.js'
import { startGrantor } from '../support/grantor.js'
import { openidParty, refusal, signInFor } from '../support/relying_party.js'

let server, application
before(async () => {
  application = await startApplication()
  server = await startGrantor()
})
after(() => Promise.all([application?.stop(), server?.stop()]))

const NOT_IT = { error: 'invalid_client', status: 401, scheme: 'basic' }

/** This library spells Ed25519 as RFC 9864 does; with `algorithm` the header says what is registered. */
const byKey = ({ signing }, algorithm) => oauth.PrivateKeyJwt(signing, algorithm === 'EdDSA' ? { [oauth.modifyAssertion]: (header) => void (header.alg = algorithm) } : undefined)
const declare = (authentication_method, openid) => server.declareClient({ name: `By ${authentication_method}`, authentication_method, openid })

for (const algorithm of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
  test(`a client proves itself with its own ${algorithm} key, and nobody without it`, async () => {
    const [own, foreign] = [await clientKey(algorithm), await clientKey(algorithm)]
    const client = await declare('private_key_jwt', { jwks: own.jwks, token_endpoint_auth_signing_alg: algorithm })
    assert.equal(client.client_secret ?? null, null)
    const party = await openidParty(server, client, { authentication: () => byKey(own, algorithm) })
    assert.ok(party.config.serverMetadata().token_endpoint_auth_methods_supported.includes('private_key_jwt'))
    const tokens = await signInFor(server, party, 'openid offline_access', { prompt: 'consent' })
    assert.ok((await oauth.refreshTokenGrant(party.config, tokens.refresh_token)).id_token)
    const impostor = await openidParty(server, client, { authentication: () => byKey(foreign, algorithm) })
    assert.deepEqual(await refusal(signInFor(server, impostor, 'openid')), NOT_IT)
  })
}

test('an assertion is good once', async () => {
  const own = await clientKey('ES256')
  const client = await declare('private_key_jwt', { jwks: own.jwks })
  let kept
  const parrot = (...call) => (kept ? kept.forEach(([name, value]) => call[2].set(name, value)) : byKey(own)(...call).then(() => (kept = [...call[2]].filter(([name]) => name.startsWith('client_')))))
  const party = await openidParty(server, client, { authentication: () => parrot })
  assert.ok((await signInFor(server, party, 'openid')).id_token)
  assert.deepEqual(await refusal(signInFor(server, party, 'openid')), NOT_IT)
})

test('a client that publishes its keys may change them', async () => {
  const [first, second] = [await clientKey('ES256', 'first'), await clientKey('ES256', 'second')]
  const publish = ({ jwks }) => application.serve('/jwks.json', 'application/json', JSON.stringify(jwks))
  let own = first
  const client = await declare('private_key_jwt', { jwks_uri: publish(first) })
  const party = await openidParty(server, client, { authentication: () => (...call) => byKey(own)(...call) })
  assert.ok((await signInFor(server, party, 'openid')).id_token)
  publish(second)
  own = second
  assert.ok((await signInFor(server, party, 'openid')).id_token)
})

test('a secret proves the client without travelling', async () => {
  const client = await declare('client_secret_jwt', {})
  const party = await openidParty(server, client, { authentication: oauth.ClientSecretJwt })
  assert.ok((await signInFor(server, party, 'openid')).id_token)
  const plain = await openidParty(server, client, { authentication: oauth.ClientSecretBasic })
  assert.equal((await refusal(signInFor(server, plain, 'openid'))).error, 'invalid_client')
  const guess = await openidParty(server, client, { authentication: () => oauth.ClientSecretJwt('not-the-secret-of-this-client-at-all') })
  assert.deepEqual(await refusal(signInFor(server, guess, 'openid')), NOT_IT)
})
