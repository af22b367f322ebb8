// Authorization requests as addresses, and the token request that follows, for the browser suites.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import './secrets.js'

const random = () => randomBytes(32).toString('base64url')

/** The address that starts a flow, with PKCE unless the answer is a token; `parameters` add or replace. */
export function authorizationRequest({ issuer }, client, redirect_uri, parameters = {}) {
  const verifier = random()
  const challenge = { code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' }
  const asked = { response_type: 'code', client_id: client.client_id, redirect_uri, state: random(), ...parameters }
  const query = new URLSearchParams({ ...asked, ...(asked.response_type === 'code' && challenge) })
  return { url: `${issuer}/oauth/authorize?${query}`, state: asked.state, verifier, redirect_uri }
}

/** Redeems a code as the client would, a confidential one with its secret in the header: the parsed JSON answer. */
export async function redeem({ issuer }, client, { verifier, redirect_uri }, code) {
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier, client_id: client.client_id })
  const headers = client.client_secret === null ? {} : { authorization: basic(client) }
  const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body, headers })
  const tokens = await answer.json()
  assert.equal(answer.status, 200, JSON.stringify(tokens))
  return tokens
}

/** What the server says of a token to a confidential client that asks. */
export async function introspect({ issuer }, client, token) {
  const answer = await fetch(`${issuer}/oauth/introspect`, { method: 'POST', body: new URLSearchParams({ token }), headers: { authorization: basic(client) } })
  assert.equal(answer.status, 200)
  return answer.json()
}

// RFC 6749 2.3.1: both parts are form-encoded first.
function basic({ client_id, client_secret }) {
  const [id, secret] = [client_id, client_secret].map((part) => new URLSearchParams({ part }).toString().slice('part='.length))
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}
