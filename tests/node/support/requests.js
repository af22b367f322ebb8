// Authorization requests as addresses, and the token request that follows, for the browser suites.
import { createHash, randomBytes } from 'node:crypto'

const random = () => randomBytes(32).toString('base64url')

/** The address that starts a flow, with PKCE unless the answer is a token; `parameters` add or replace. */
export function authorizationRequest({ issuer }, client, redirect_uri, parameters = {}) {
  const verifier = random()
  const challenge = { code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' }
  const asked = { response_type: 'code', client_id: client.client_id, redirect_uri, state: random(), ...parameters }
  const query = new URLSearchParams({ ...asked, ...(asked.response_type === 'code' && challenge) })
  return { url: `${issuer}/oauth/authorize?${query}`, state: asked.state, verifier, redirect_uri }
}

/** Redeems a code as the client would: the parsed JSON answer. */
export async function redeem({ issuer }, client, { verifier, redirect_uri }, code) {
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier, client_id: client.client_id })
  if (client.client_secret !== null) body.set('client_secret', client.client_secret)
  const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body })
  return answer.json()
}
