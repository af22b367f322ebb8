// Key pairs of clients, as the algorithms want them.
const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
const KINDS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', ...RSA },
  PS256: { name: 'RSA-PSS', ...RSA },
  EdDSA: { name: 'Ed25519' },
}

/** A new one: what the client signs with, and what it tells the server. */
export async function clientKey(algorithm, kid = `client-${algorithm}`) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(KINDS[algorithm], true, ['sign', 'verify'])
  const { kty, crv, n, e, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = JSON.parse(JSON.stringify({ kty, crv, n, e, x, y, kid, alg: algorithm, use: 'sig' }))
  return { signing: { key: privateKey, kid }, jwks: { keys: [jwk] } }
}
