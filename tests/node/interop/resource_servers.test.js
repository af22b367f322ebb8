// The resource servers of docs/examples, as they stand there, in front of tokens of a running grantor.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

let server, web
before(async () => {
  server = await startGrantor()
  web = await relyingParty(server, await server.createClient({ scope: 'project:write', redirect_uris: ['http://127.0.0.1/callback'] }))
})
after(() => server?.stop())

/** Starts an example on a port of its own choice; `use(base)` runs before it is ended. */
async function running([command, ...args], use) {
  const { client_id, client_secret } = server.client('resource-server')
  const env = { ...process.env, GRANTOR_ISSUER: server.issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, PORT: '0' }
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
  test(`the ${language} resource server lets good tokens in and says why others are not`, { timeout: 60_000 }, () =>
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
