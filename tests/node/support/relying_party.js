// openid-client as a client of a running grantor, and the person who approves it.
import { createHash } from 'node:crypto'
import * as oauth from 'openid-client'
import './secrets.js'
import { Visitor } from './visitor.js'

/**
 * A pure OAuth 2.0 client: what one that `createClient` made, or the demo client for a purpose, knows of the server by
 * RFC 8414 metadata.
 */
export function relyingParty(server, client, authentication) {
  return party(server, client, { authentication, algorithm: 'oauth2' })
}

/**
 * A relying party of OpenID Connect that knows the server by its discovery document and trusts nothing: the signature of
 * every ID token is checked against the published keys, wherever it came from. `metadata` is what the client knows of its
 * own registration, `uses` are switches of openid-client, `fetch` is how it reaches the server.
 */
export function openidParty(server, client, { authentication, metadata, uses = [], fetch } = {}) {
  const strict = { id_token_signed_response_alg: 'ES256', ...metadata }
  return party(server, client, { authentication, algorithm: 'oidc', metadata: strict, uses: [oauth.enableNonRepudiationChecks, ...uses], fetch })
}

async function party(server, client, { authentication = oauth.ClientSecretBasic, algorithm, metadata, uses = [], fetch }) {
  const { client_id, client_secret = null, redirect_uris } = typeof client === 'string' ? server.client(client) : client
  const method = client_secret === null && authentication === oauth.ClientSecretBasic ? oauth.None() : authentication(client_secret)
  const known = { ...metadata, ...(client_secret !== null && { client_secret }) }
  const config = await oauth.discovery(new URL(server.issuer), client_id, known, method, { algorithm, execute: [oauth.allowInsecureRequests, ...uses], ...(fetch && { [oauth.customFetch]: fetch }) })
  return { config, redirect_uri: loopback(redirect_uris) }
}

/** The first half of the code flow, up to the address the browser is sent to. */
export async function approve(server, party, scope, { visitor = new Visitor(server.issuer), button, ...parameters } = {}) {
  const verifier = oauth.randomPKCECodeVerifier()
  const state = oauth.randomState()
  const url = oauth.buildAuthorizationUrl(party.config, {
    redirect_uri: party.redirect_uri,
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const callback = await visitor.authorize(url, server.user, button)
  return { callback, checks: { pkceCodeVerifier: verifier, expectedState: state } }
}

/** The same for somebody who wants to know who it is: with a nonce, and with the checks of the request that `max_age` asks for. */
export async function approveSignIn(server, party, scope, { max_age, ...options } = {}) {
  const nonce = oauth.randomNonce()
  const { callback, checks } = await approve(server, party, scope, { nonce, ...(max_age !== undefined && { max_age: String(max_age) }), ...options })
  return { callback, checks: { ...checks, expectedNonce: nonce, ...(max_age !== undefined && { maxAge: max_age }) } }
}

/** Tokens of the whole code flow, an ID token among them. */
export async function signInFor(server, party, scope, options) {
  const { callback, checks } = await approveSignIn(server, party, scope, options)
  return oauth.authorizationCodeGrant(party.config, callback, checks)
}

/** What `at_hash` and `c_hash` are: the left half of the hash that goes with the algorithm (OpenID Connect Core 3.1.3.6). */
export function halfHash(algorithm, text) {
  const digest = createHash(algorithm === 'EdDSA' ? 'sha512' : 'sha256').update(text).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

/** The header of a JWS, and its claims, unverified. */
export function partsOf(token) {
  const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')))
  return { header, claims }
}

/** The whole code flow. */
export async function tokensFor(server, party, scope, options) {
  const { callback, checks } = await approve(server, party, scope, options)
  return oauth.authorizationCodeGrant(party.config, callback, checks)
}

/** The OAuth error of a refused request; anything else that goes wrong stays what it is. */
export async function refusal(promise) {
  const error = await promise.then(
    (answer) => new Error(`accepted: ${JSON.stringify(answer)}`),
    (reason) => reason,
  )
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) return { error: error.error, status: error.status }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { status: error.status, error: (await error.response.json()).error, scheme: error.cause[0].scheme }
  throw error
}

// Nobody listens there: the person's browser stops at the address and hands it to the client (RFC 8252 7.3: any port).
function loopback(registered) {
  const bare = registered.find((uri) => uri.startsWith('http://127.0.0.1/'))
  return bare === undefined ? registered[0] : bare.replace('127.0.0.1', '127.0.0.1:49152')
}
