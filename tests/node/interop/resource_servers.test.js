// The resource servers of docs/examples, as they stand there, in front of tokens of a running grantor.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as oauth from 'openid-client'
import { PYTHON } from '../support/python.js'
import { startGrantor } from '../support/grantor.js'
import { relyingParty, tokensFor } from '../support/relying_party.js'

const example = (name) => fileURLToPath(new URL(`../../../docs/examples/${name}`, import.meta.url))
const binary = process.env.GRANTOR_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/grantor', import.meta.url))
const SERVERS = {
  node: [process.execPath, example('resource_server.mjs')],
  python: [PYTHON, example('resource_server.py')],
  rust: [binary.replace(/grantor$/, 'examples/resource_server')],
}

const VERIFIERS = {
  node: [process.execPath, example('resource_server_jwt.mjs')],
  python: [PYTHON, example('resource_server_jwt.py')],
  rust: [binary.replace(/grantor$/, 'examples/resource_server_jwt')],
}
const AUDIENCE = 'https://reports.example'

let server, web
before(async () => {
  server = await startGrantor()
  await server.command('resource', 'create', AUDIENCE, '--scope-set', 'project', '--access-token-alg', 'ES256')
  await server.command('resource', 'create', 'https://other.example', '--scope-set', 'project', '--access-token-alg', 'ES256')
  await server.command('resource', 'create', 'https://rsa.example', '--scope-set', 'project', '--access-token-alg', 'RS256')
  web = await relyingParty(server, await server.createClient({ scope: 'project:write', redirect_uris: ['http://127.0.0.1/callback'] }))
})
after(() => server?.stop())

/** Starts an example on a port of its own choice; `use(base)` runs before it is ended. */
async function running([command, ...args], use, more = {}) {
  const { client_id, client_secret } = server.client('resource-server')
  const env = { ...process.env, GRANTOR_ISSUER: server.issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, PORT: '0', ...more }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    await use(/http:\S+/.exec(line)[0])
  } finally {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

for (const [language, command] of Object.entries(SERVERS)) {
  test(`the ${language} resource server lets good tokens in and says why others are not`, { timeout: 180_000 }, () =>
    running(command, async (base) => {
      const ask = async (token, method = 'GET') => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const answer = await fetch(`${base}/projects`, { method, headers })
        return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body: await answer.json() }
      }
      const { access_token: reader } = await tokensFor(server, web, 'project:read')
      const { access_token: writer } = await tokensFor(server, web, 'project:write')
      assert.deepEqual((await ask(reader)).body.projects, ['apollo'])
      // What is implied counts: project:write reads, too.
      assert.equal((await ask(writer)).status, 200)
      assert.equal((await ask(writer, 'POST')).status, 200)
      const narrow = await ask(reader, 'POST')
      assert.equal(narrow.status, 403)
      assert.match(narrow.challenge, /insufficient_scope.*project:write/)
      const nobody = await ask(undefined)
      assert.equal(nobody.status, 401)
      assert.match(nobody.challenge, /^Bearer/)
      for (const wrong of ['gat_x', 'x'.repeat(500), `${reader}x`]) assert.equal((await ask(wrong)).status, 401)
      const { access_token: revoked } = await tokensFor(server, web, 'project:read')
      await oauth.tokenRevocation(web.config, revoked)
      assert.equal((await ask(revoked)).status, 401)
    }))
}

/** The token with a member of its header or its claims changed; the signature stays. */
const changed = (token, index, change) => {
  const parts = token.split('.')
  const members = JSON.parse(Buffer.from(parts[index], 'base64url'))
  parts[index] = Buffer.from(JSON.stringify({ ...members, ...change })).toString('base64url')
  return parts.join('.')
}

for (const [language, command] of Object.entries(VERIFIERS)) {
  test(`the ${language} resource server verifies JWTs by itself (RFC 9068)`, { timeout: 180_000 }, () =>
    running(command, async (base) => {
      const ask = async (token, method = 'GET') => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const answer = await fetch(`${base}/projects`, { method, headers })
        return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body: await answer.json() }
      }
      const token = async (scope, resource) => (await tokensFor(server, web, scope, { resource })).access_token
      const [reader, writer] = [await token('project:read', AUDIENCE), await token('project:write', AUDIENCE)]
      assert.deepEqual((await ask(reader)).body.projects, ['apollo'])
      assert.equal((await ask(writer)).status, 200)
      assert.equal((await ask(writer, 'POST')).status, 200)
      const narrow = await ask(reader, 'POST')
      assert.equal(narrow.status, 403)
      assert.match(narrow.challenge, /insufficient_scope.*project:write/)
      assert.equal((await ask(undefined)).status, 401)
      const opaque = await token('project:read', 'https://api.demo.example')
      assert.match(opaque, /^gat_/)
      const [header, claims] = reader.split('.')
      const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
      for (const [what, wrong] of Object.entries({
        opaque,
        'for another service': await token('project:read', 'https://other.example'),
        'by another algorithm': await token('project:read', 'https://rsa.example'),
        'a changed claim': changed(reader, 1, { scope: 'project:write' }),
        'another type': changed(reader, 0, { typ: 'JWT' }),
        'another key': changed(reader, 0, { kid: 'unknown' }),
        'no algorithm': `${none}.${claims}.`,
        'no signature': `${header}.${claims}.`,
        nonsense: 'x.y.z',
      })) assert.equal((await ask(wrong)).status, 401, what)
      // What it does not see, as the README says: a token that was taken back is good here until it expires.
      await oauth.tokenRevocation(web.config, reader)
      assert.equal((await ask(reader)).status, 200)
    }, { AUDIENCE }))
}

/** A key of an issuer's, and tokens by it. */
const keyOf = (kid) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (iss, name = kid) => {
    const claims = { iss, sub: 'ada', aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 600, scope: 'project:read' }
    const signed = `${encoded({ alg: 'ES256', typ: 'at+jwt', kid: name })}.${encoded(claims)}`
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${signed}.${signature.toString('base64url')}`
  }
  return { jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }, token }
}

/** An issuer that has a key set and nothing else; `use(issuer)` changes it and counts who comes. */
async function issuing(use) {
  const issuer = { keys: [], age: 3600, down: false, visits: 0 }
  const http = createServer((request, response) => {
    issuer.visits += 1
    response.writeHead(issuer.down ? 500 : 200, { 'content-type': 'application/json', 'cache-control': `public, max-age=${issuer.age}` })
    response.end(JSON.stringify({ keys: issuer.keys.map((key) => key.jwk) }))
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  issuer.url = `http://127.0.0.1:${http.address().port}`
  try {
    await use(issuer)
  } finally {
    http.close()
    http.closeAllConnections()
  }
}

for (const [language, command] of Object.entries(VERIFIERS)) {
  const [first, second, third] = ['first', 'second', 'third'].map(keyOf)
  const asking = (base) => async (token) => (await fetch(`${base}/projects`, { headers: { authorization: `Bearer ${token}` } })).status
  const times = (count, make) => Promise.all(Array.from({ length: count }, (_, index) => make(index)))

  test(`the ${language} resource server lets go of a withdrawn key`, { timeout: 180_000 }, () =>
    issuing((issuer) => {
      Object.assign(issuer, { keys: [first], age: 0 })
      return running(command, async (base) => {
        const ask = asking(base)
        assert.equal(await ask(first.token(issuer.url)), 200)
        issuer.keys = [second]
        assert.equal(await ask(first.token(issuer.url)), 401, 'it left the set')
        assert.equal(await ask(second.token(issuer.url)), 200)
        issuer.down = true
        assert.equal(await ask(second.token(issuer.url)), 200, 'goes on for a while with what there is')
        assert.equal(await ask(third.token(issuer.url)), 503, 'and says that it does not know')
        Object.assign(issuer, { down: false, keys: [second, third] })
        assert.equal(await ask(third.token(issuer.url)), 200)
      }, { AUDIENCE, GRANTOR_ISSUER: issuer.url, LOOK_SECONDS: '0' })
    }))

  test(`the ${language} resource server looks at the key set once, however many tokens come`, { timeout: 180_000 }, () =>
    issuing(async (issuer) => {
      issuer.keys = [first]
      const more = { AUDIENCE, GRANTOR_ISSUER: issuer.url }
      await running(command, async (base) => {
        const ask = asking(base)
        assert.deepEqual(new Set(await times(20, () => ask(first.token(issuer.url)))), new Set([200]))
        assert.deepEqual(new Set(await times(20, (index) => ask(first.token(issuer.url, `unknown ${index}`)))), new Set([401]))
        assert.equal(issuer.visits, 1)
      }, more)
      Object.assign(issuer, { down: true, visits: 0 })
      await running(command, async (base) => {
        const ask = asking(base)
        assert.deepEqual(new Set(await times(20, () => ask(first.token(issuer.url)))), new Set([503]), 'nobody is let in')
        assert.equal(issuer.visits, 1)
      }, more)
    }))
}
