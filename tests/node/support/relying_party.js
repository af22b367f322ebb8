// openid-client as a pure OAuth 2.0 client of a running grantor, and the person who approves it.
import * as oauth from 'openid-client'
import './secrets.js'
import { Visitor } from './visitor.js'

/** What a client (one that `createClient` made, or the demo client for a purpose) knows of the server, by RFC 8414 metadata. */
export async function relyingParty(server, client, authentication = oauth.ClientSecretBasic) {
  const { client_id, client_secret, redirect_uris } = typeof client === 'string' ? server.client(client) : client
  const method = client_secret === null ? oauth.None() : authentication(client_secret)
  const metadata = client_secret === null ? undefined : { client_secret }
  const config = await oauth.discovery(new URL(server.issuer), client_id, metadata, method, {
    algorithm: 'oauth2',
    execute: [oauth.allowInsecureRequests],
  })
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
