// The Rust crate openidconnect 4 as a relying party: discovery, code flow with PKCE, all checks of the ID token, refresh.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startGrantor } from '../support/grantor.js'
import { sawIn } from '../support/secrets.js'
import { Visitor } from '../support/visitor.js'

const PROGRAM =
  process.env.GRANTOR_TEST_OPENIDCONNECT ?? fileURLToPath(new URL('../../../target/clients/debug/openidconnect-relying-party', import.meta.url))

let server
before(async () => {
  server = await startGrantor()
})
after(() => server?.stop())

test('openidconnect signs a person in, believes the ID tokens, and refreshes them', async () => {
  const { client_id, client_secret } = server.client('web')
  const program = spawn(PROGRAM, [server.issuer, client_id, client_secret, 'http://127.0.0.1:49152/callback'])
  const ended = once(program, 'exit')
  const complaint = text(program.stderr)
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
  const asked = await lines.next()
  if (asked.done) assert.fail(await complaint)
  const landed = await new Visitor(server.issuer).authorize(asked.value, server.user)
  sawIn(landed.href)
  program.stdin.end(`${landed.href}\n`)
  const found = await lines.next()
  assert.deepEqual(await ended, [0, null], await complaint)
  const { sub, ...rest } = JSON.parse(found.value)
  assert.match(sub, /^\S{16,}$/)
  assert.deepEqual(rest, {
    algorithm: 'ES256',
    auth_time: true,
    email: `${server.user.login}@demo.example`,
    preferred_username: server.user.login,
    refreshed: true,
  })
})
