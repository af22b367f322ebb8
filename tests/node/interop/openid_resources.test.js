// openid-client 6 asks for tokens for one resource server (RFC 8707), and jose reads those that are JWTs (RFC 9068) as a
// resource server would.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'openid-client'
import { startGrantor } from '../support/grantor.js'
import { openidParty, refusal, tokensFor } from '../support/relying_party.js'

const [PROJECTS, EVENTS] = ['https://projects.example', 'https://events.example']
const SCOPES = ['openid', 'offline_access', 'project:read', 'event:read']
let server, party, keys
before(async () => {
  server = await startGrantor()
  await server.command('resource', 'create', PROJECTS, '--scope-set', 'project', '--access-token-alg', 'ES256')
  await server.command('resource', 'create', EVENTS, '--scope-set', 'event')
  party = await openidParty(server, await server.declareClient({ name: 'Of several resources', scopes: SCOPES }))
  keys = createRemoteJWKSet(new URL(party.config.serverMetadata().jwks_uri))
})
after(() => server?.stop())

const introspected = async (token) => ({ ...(await oauth.tokenIntrospection(party.config, token)) })
const granted = (resource, scope = SCOPES.join(' ')) => tokensFor(server, party, scope, { prompt: 'consent', ...(resource && { resource }) })

test('a token for one resource names it alone, and carries its scopes only', async () => {
  const { access_token } = await granted(EVENTS)
  assert.match(access_token, /^gat_/)
  const { aud, scope } = await introspected(access_token)
  assert.deepEqual({ aud: [aud].flat(), scope }, { aud: [EVENTS], scope: 'event:read' })
})

test('a JWT access token is read by the resource server without asking, and is no ID token', async () => {
  const { access_token, id_token } = await granted(PROJECTS)
  const { payload, protectedHeader } = await jwtVerify(access_token, keys, { issuer: server.issuer, audience: PROJECTS, typ: 'at+jwt', requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'] })
  assert.equal(protectedHeader.alg, 'ES256')
  assert.equal(payload.client_id, party.config.clientMetadata().client_id)
  assert.ok(payload.scope.split(' ').includes('project:read'))
  assert.ok(!payload.scope.split(' ').includes('event:read'))
  await assert.rejects(jwtVerify(id_token, keys, { typ: 'at+jwt' }), /typ/)
  // It is a row here all the same: it can be asked about and taken back.
  assert.equal((await introspected(access_token)).active, true)
  await oauth.tokenRevocation(party.config, access_token)
  assert.deepEqual(await introspected(access_token), { active: false })
})

test('a refresh chooses among the resources the person was asked about, and no other', async () => {
  const { refresh_token } = await granted(EVENTS)
  const again = await oauth.refreshTokenGrant(party.config, refresh_token, { resource: EVENTS })
  assert.deepEqual([(await introspected(again.access_token)).aud].flat(), [EVENTS])
  assert.deepEqual(await refusal(oauth.refreshTokenGrant(party.config, again.refresh_token, { resource: PROJECTS })), { error: 'invalid_target', status: 400 })
})

test('a resource nobody knows here is refused before anybody is asked', async () => {
  assert.equal((await refusal(granted('https://elsewhere.example'))).error, 'invalid_target')
})
