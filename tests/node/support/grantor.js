// A running `grantor dev` of its own for each test file, on the database the suite names.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const BINARY = process.env.GRANTOR_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/grantor', import.meta.url))
export const DATABASE = process.env.GRANTOR_TEST_DATABASE ?? 'sqlite'

/** Starts a server; `server.stop()` ends it, and fails if it did not end well when asked politely. */
export async function startGrantor() {
  const folder = await mkdtemp(join(tmpdir(), 'grantor-node-'))
  const database = DATABASE === 'postgresql' ? await createDatabase() : undefined
  const readyFile = join(folder, 'ready.json')
  const logFile = join(folder, 'server.log')
  const log = await open(logFile, 'w')
  const child = spawn(
    BINARY,
    ['dev', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--ready-file', readyFile, ...(database ? ['--database', database.url] : [])],
    { stdio: ['ignore', log.fd, log.fd] },
  )
  const ended = new Promise((resolve, reject) => child.once('exit', (code, signal) => resolve({ code, signal })).once('error', reject))
  ended.catch(() => {})
  await log.close()

  const stop = async () => {
    child.kill('SIGTERM')
    const verdict = await Promise.race([ended, sleep(15_000, 'late', { ref: false })])
    if (verdict === 'late') child.kill('SIGKILL')
    await ended
    await database?.drop()
    const text = await readFile(logFile, 'utf8')
    await rm(folder, { recursive: true, force: true })
    if (verdict === 'late' || verdict.code !== 0) throw new Error(`grantor did not end well (${JSON.stringify(verdict)}):\n${tail(text)}`)
  }

  const ready = await waitForReady(readyFile, ended).catch(async (reason) => {
    child.kill('SIGKILL')
    await ended.catch(() => {})
    await database?.drop()
    throw new Error(`grantor did not become ready: ${reason.message}\n${tail(await readFile(logFile, 'utf8'))}`)
  })
  return {
    issuer: ready.issuer,
    clients: ready.clients,
    /** The demo client for a purpose: `web`, `spa` or `resource-server`. */
    client: (use) => found(ready.clients, (client) => client.use === use, `a client for use "${use}"`),
    user: found(ready.users, (user) => !user.administrator, 'a user who is no administrator'),
    administrator: found(ready.users, (user) => user.administrator, 'an administrator'),
    stop,
  }
}

/** A scope the web client may ask for and the resource server may see, then one more the web client may ask for. */
export function scopesOf(server) {
  const web = server.client('web').scopes
  const theirs = new Set(server.client('resource-server').scopes)
  const plain = web.filter((scope) => scope.endsWith(':read'))
  const first = found(plain, (scope) => theirs.size === 0 || theirs.has(scope), 'a read scope of both the web client and the resource server')
  return { first, second: found(plain, (scope) => scope !== first, 'a second read scope of the web client') }
}

async function waitForReady(file, ended) {
  const deadline = Date.now() + 60_000
  const early = ended.then((verdict) => Promise.reject(new Error(`it ended with ${JSON.stringify(verdict)}`)))
  early.catch(() => {})
  while (Date.now() < deadline) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.trimEnd().endsWith('}')) return JSON.parse(text)
    await Promise.race([sleep(30), early])
  }
  throw new Error('no ready file after 60 s')
}

async function createDatabase() {
  const maintenance = process.env.GRANTOR_TEST_POSTGRES
  if (!maintenance) throw new Error('GRANTOR_TEST_POSTGRES names no database: run scripts/test')
  const name = `grantor_node_${randomBytes(6).toString('hex')}`
  const psql = (sql) => promisify(execFile)(join(process.env.GRANTOR_TEST_POSTGRES_BIN ?? '', 'psql'), ['-qX', '-v', 'ON_ERROR_STOP=1', '-c', sql, maintenance])
  await psql(`CREATE DATABASE ${name}`)
  const url = new URL(maintenance)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => psql(`DROP DATABASE ${name} WITH (FORCE)`) }
}

function found(list, test, what) {
  const one = list.find(test)
  if (one === undefined) throw new Error(`the ready file has not ${what}: ${JSON.stringify(list.map(({ use, login, scopes }) => use ?? login ?? scopes ?? null))}`)
  return one
}

const tail = (text) => text.split('\n').slice(-40).join('\n')
