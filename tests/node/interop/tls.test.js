// Native TLS: certificate and key from files, no proxy in front.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { getTls, startTls } from '../support/grantor.js'

test('a server with certificate and key speaks TLS and says so', async (t) => {
  const server = await startTls()
  t.after(() => server.stop())
  const metadata = await getTls(`${server.issuer}/.well-known/oauth-authorization-server`, server.ca)
  assert.equal(metadata.status, 200)
  assert.match(metadata.protocol, /^TLSv1\.[23]$/)
  assert.equal(JSON.parse(metadata.body).issuer, server.issuer)

  const page = await getTls(`${server.issuer}/login`, server.ca)
  assert.match(page.headers['strict-transport-security'], /^max-age=\d{8}/)
  assert.match(page.headers['set-cookie'].join(), /^__Host-grantor_browser=[^;]+;.*Secure/)

  // A certificate nobody vouched for stays refused, and so does plain HTTP on this port.
  await assert.rejects(getTls(`${server.issuer}/login`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const plain = new Promise((resolve) => request(server.issuer.replace('https:', 'http:')).on('response', ({ statusCode }) => resolve(statusCode)).on('error', () => resolve('refused')).end())
  assert.equal(await plain, 'refused')
})
