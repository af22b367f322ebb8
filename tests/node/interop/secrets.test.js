// The search at the end of every server finds what is planted: in the database, in the log, whole or in part.
import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { scopesOf, startGrantor } from '../support/grantor.js'
import { relyingParty, tokensFor } from '../support/relying_party.js'
import { count, found, saw, sawIn } from '../support/secrets.js'

const SECRET_PART = (token) => token.slice(15, 58)

async function tokensOf(server) {
  return tokensFor(server, await relyingParty(server, 'web'), scopesOf(server).first)
}

// A44.
test('what the suite sees is remembered: tokens, codes, cookies, passwords, client secrets, verifiers', async () => {
  const server = await startGrantor()
  const before = count()
  const { access_token, refresh_token } = await tokensOf(server)
  assert.ok(count() - before >= 6, `${count() - before} more`)
  const places = { text: Buffer.from([access_token, refresh_token, server.user.password, server.client('web').client_secret].join(' ')) }
  assert.equal(found(places).length, 4)
  await server.stop()
})

// A44: by the door an operator has, so on every database.
test('a secret in the database is found', async () => {
  const server = await startGrantor()
  const { access_token } = await tokensOf(server)
  await server.createClient({ kind: 'public', name: SECRET_PART(access_token), redirect_uris: ['https://planted.example/callback'] })
  await assert.rejects(server.stop(), (error) => {
    assert.match(error.message, /secrets leaked:\ngat_\w{11}\.\. stands in (grantor\.db|the database)/)
    assert.ok(!error.message.includes(SECRET_PART(access_token)), 'and not told again')
    return true
  })
})

// A44.
test('a secret in the log is found', async () => {
  const server = await startGrantor()
  const { refresh_token } = await tokensOf(server)
  await appendFile(join(server.folder, 'server.log'), `INFO refresh_token=${refresh_token}\n`)
  await assert.rejects(server.stop(), /secrets leaked:\ngrt_\w{11}\.\. stands in the log/)
})

// A44.
test('it is found in hex and in part, and nothing is found where nothing is', () => {
  const token = `gat_${'1'.repeat(11)}${'Ab'.repeat(21)}Z000000`
  saw(token)
  const hex = (text) => Buffer.from(text).toString('hex')
  for (const text of [token, SECRET_PART(token), hex(token), hex(SECRET_PART(token)), hex(token).toUpperCase()]) {
    assert.equal(found({ place: Buffer.from(`1,'${text}'`) }, new Set([token])).length, 1, text)
  }
  assert.deepEqual(found({ place: Buffer.from('gat_nothing') }, new Set([token])), [])
})

// A44.
test('what is signed is a secret too: an ID token, an assertion', () => {
  const token = [{ alg: 'ES256' }, { sub: 'somebody' }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + `.${'A'.repeat(86)}`
  sawIn(`{"id_token":"${token}"}`)
  assert.equal(found({ place: Buffer.from(`GET /?id_token_hint=${token}`) }).length, 1)
})
