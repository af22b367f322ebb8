// The API as its users meet it: the examples of docs/examples as they stand there, and schemathesis against the document.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startGrantor } from '../support/grantor.js'
import { PYTHON, command } from '../support/python.js'
import { sawIn } from '../support/secrets.js'

const run = promisify(execFile)
const example = (name) => fileURLToPath(new URL(`../../../docs/examples/${name}`, import.meta.url))

let server
before(async () => {
  server = await startGrantor({ GRANTOR__CLIENTS__REGISTRATION: 'everyone', GRANTOR__API__REQUESTS_PER_MINUTE: '100000' })
})
after(() => server?.stop())

for (const [language, program, script] of [
  ['Python', PYTHON, example('api_day.py')],
  ['curl', 'bash', example('api_day.sh')],
]) {
  test(`a day's work in ${language}`, { timeout: 180_000 }, async () => {
    const env = { ...process.env, GRANTOR_ISSUER: server.issuer, GRANTOR_TOKEN: server.adminToken }
    const { stdout } = await run(program, [script], { env })
    sawIn(stdout)
    assert.match(stdout, /done\n$/)
  })
}

// C74, A30: whatever is sent, an answer of the document comes back, and never a 5xx.
test('schemathesis finds no answer that the document does not know', { timeout: 400_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grantor-schemathesis-'))
  const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance', 'response_schema_conformance']
  const args = [
    'run', `${server.issuer}/api/v1/openapi.json`,
    '--header', `Authorization: Bearer ${server.adminToken}`,
    '--checks', checks.join(','),
    '--phases', 'examples,fuzzing',
    '--max-examples', '25',
    '--seed', '20261122',
    '--generation-database', 'none',
    // Wrong credentials from one address are limited, and would leave nothing of the rest to see.
    '--generation-with-security-parameters', 'false',
    '--request-timeout', '60',
    '--suppress-health-check', 'all',
    '--no-color',
  ]
  try {
    const { stdout } = await run(command('schemathesis'), args, { cwd: folder, maxBuffer: 64 << 20 })
    console.log(stdout.split('\n').slice(-25).join('\n'))
  } catch (error) {
    assert.fail(`${error.stdout?.slice(-12_000) ?? ''}${error.stderr?.slice(-2_000) ?? error}`)
  } finally {
    await rm(folder, { recursive: true })
  }
})
