// A running `grantor dev` of its own for each test file, on the database the suite names.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { found as leaksIn, saw, sawIn } from './secrets.js'

const run = promisify(execFile)
const BINARY = process.env.GRANTOR_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/grantor', import.meta.url))
export const DATABASE = process.env.GRANTOR_TEST_DATABASE ?? 'sqlite'
const IDENTITY = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']
/** As talkative as an operator in trouble may make it. */
const LOG_FILTER = 'grantor=trace,actix_web=trace,actix_http=debug,info'

/**
 * Starts a server, `settings` being variables of its environment and `options` more words of its command line;
 * `server.stop()` ends it, and fails if it did not end well when asked politely, or if a secret that the suite saw stands
 * in its database or its log.
 */
export async function startGrantor(settings = {}, options = []) {
  const folder = await mkdtemp(join(tmpdir(), 'grantor-node-'))
  const data = join(folder, 'data')
  const database = DATABASE === 'postgresql' ? await createDatabase() : undefined
  const readyFile = join(folder, 'ready.json')
  const start = (address) => running({
    folder,
    args: ['dev', '--listen', address, '--data', data, '--ready-file', readyFile, ...options, ...(database ? ['--database', database.url] : [])],
    env: settings,
    look: async () => {
      const text = await readFile(readyFile, 'utf8').catch(() => '')
      return text.trimEnd().endsWith('}') ? JSON.parse(text) : undefined
    },
    database: async () => (database ? { 'the database': await database.dump() } : files(data, /^grantor\.db(-wal|-shm)?$/)),
    after: () => database?.drop(),
  })
  const url = database ? database.url : `sqlite:${join(data, 'grantor.db')}`
  const operator = operatorOf(folder, url, database && { GRANTOR__SECRETS__MASTER_KEY_FILE: join(data, 'master.key') })
  let server = await start('127.0.0.1:0')
  const { ready } = server
  sawIn(JSON.stringify(ready))
  ready.users.forEach(({ password }) => saw(password))
  ready.clients.forEach(({ client_secret }) => saw(client_secret))
  return {
    issuer: ready.issuer,
    folder,
    data,
    ...operator,
    /** Calls the API as the administrator: the parsed answer. */
    api: async (method, path, body) => {
      const headers = { authorization: `Bearer ${ready.admin_token}`, ...(body && { 'content-type': 'application/json' }) }
      const answer = await fetch(`${ready.issuer}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
      const said = await answer.json()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`)
      return said
    },
    /** The demo client for a purpose: `web`, `spa`, `organization` or `resource-server`. */
    client: (use) => found(ready.clients, (client) => client.use === use, `a client for use "${use}"`),
    user: found(ready.users, (user) => !user.administrator, 'a user who is no administrator'),
    administrator: found(ready.users, (user) => user.administrator, 'an administrator'),
    organizations: ready.organizations,
    /** A personal token of the administrator, with every scope. */
    adminToken: ready.admin_token,
    /** Ends it and starts it again at the same address, on the same data. */
    restart: async () => {
      await server.end()
      await rm(readyFile)
      server = await start(new URL(ready.issuer).host)
    },
    stop: () => server.stop(),
  }
}

/**
 * Starts `grantor serve` on an empty SQLite database and a free port, with nothing but its defaults and `settings`.
 * `issuerOf` makes the issuer of the address it listens on; `look` is true once the server answers.
 */
export async function startServe({ settings = {}, issuerOf = (address) => `http://${address}`, look } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'grantor-node-'))
  const database = `sqlite:${join(folder, 'grantor.db')}`
  const address = `127.0.0.1:${await freePort()}`
  const issuer = issuerOf(address)
  const answers = look ?? (() => fetch(`${issuer}/login`).then(({ ok }) => ok, () => false))
  const { stop } = await running({
    folder,
    args: ['serve', '--listen', address, '--database', database],
    env: { GRANTOR__SERVER__ISSUER: issuer, GRANTOR__OPERATIONS__LISTEN: '127.0.0.1:0', ...settings },
    database: () => files(folder, /^grantor\.db(-wal|-shm)?$/),
    look: async () => (await answers(address)) || undefined,
  })
  return { issuer, stop, ...operatorOf(folder, database) }
}

/** What an operator does by the command line, while the server runs. */
function operatorOf(folder, database, settings = {}) {
  let declarations = 0
  /** A command: what it answers in JSON. */
  const command = async (...args) => {
    const { stdout } = await run(BINARY, ['--database', database, '--json', ...args], { env: { ...process.env, ...settings } })
    sawIn(stdout)
    return JSON.parse(stdout)
  }
  return {
    command,
    /** Registers a client; `kind`, `scope` and the like are options of `client create`. */
    createClient: async ({ redirect_uris, ...options }) => {
      const given = [...Object.entries(options), ...redirect_uris.map((uri) => ['redirect-uri', uri])].flatMap(([name, value]) => [`--${name}`, value])
      return { ...(await command('client', 'create', ...given)), redirect_uris }
    },
    /** Registers one that may ask who somebody is, by a file as `grantor apply` takes it, which knows every member there is. */
    declareClient: async (metadata) => {
      const declared = { key: 'client', redirect_uris: ['http://127.0.0.1/callback'], scopes: IDENTITY, ...metadata }
      const file = join(folder, `declared-${(declarations += 1)}.toml`)
      await writeFile(file, `name = "declared-${declarations}"\n[[clients]]\n${Object.entries(declared).map(([name, value]) => `${name} = ${toml(value)}\n`).join('')}`)
      const { created } = await command('apply', file)
      saw(created[0].client_secret)
      return { ...created[0], redirect_uris: declared.redirect_uris }
    },
    /** Makes an account with a password of its own. */
    createUser: async (login) => {
      const password = randomBytes(18).toString('base64url')
      saw(password)
      const child = run(BINARY, ['--database', database, '--json', 'user', 'create', login, '--password-stdin'])
      child.child.stdin.end(`${password}\n`)
      await child
      return { login, password }
    },
  }
}

/** A server process, once `look` finds what it waits for. */
async function running({ folder, args, env, look, database, after = () => {} }) {
  // What it prints for the person who started it names demo credentials and a set-up link; the log names nothing.
  const [bannerFile, logFile] = [join(folder, 'banner.txt'), join(folder, 'server.log')]
  const [banner, log] = [await open(bannerFile, 'a'), await open(logFile, 'a')]
  const child = spawn(BINARY, args, { stdio: ['ignore', banner.fd, log.fd], env: { ...process.env, GRANTOR__LOG__FILTER: LOG_FILTER, ...env } })
  const ended = new Promise((resolve, reject) => child.once('exit', (code, signal) => resolve({ code, signal })).once('error', reject))
  ended.catch(() => {})
  await Promise.all([banner.close(), log.close()])

  /** Asks it politely; how that went. */
  const end = async () => {
    child.kill('SIGTERM')
    const verdict = await Promise.race([ended, sleep(60_000, 'late', { ref: false })])
    if (verdict === 'late') child.kill('SIGKILL')
    await ended
    return verdict
  }
  const stop = async () => {
    const verdict = await end()
    const log = await readFile(logFile)
    const leaks = leaksIn({ ...(await database()), 'the log': log })
    await after()
    await rm(folder, { recursive: true, force: true })
    if (verdict === 'late' || verdict.code !== 0) throw new Error(`grantor did not end well (${JSON.stringify(verdict)}):\n${tail(log.toString())}`)
    if (leaks.length > 0) throw new Error(`secrets leaked:\n${leaks.join('\n')}`)
  }

  const ready = await waitFor(look, ended).catch(async (reason) => {
    child.kill('SIGKILL')
    await ended.catch(() => {})
    await after()
    throw new Error(`grantor did not become ready: ${reason.message}\n${tail(await readFile(logFile, 'utf8'))}`)
  })
  return { ready, stop, end }
}

/** Two scopes that the web client and the single-page application may ask for and the resource server may see. */
export function scopesOf(server) {
  const [spa, theirs] = [server.client('spa').scopes, server.client('resource-server').scopes]
  const shared = server.client('web').scopes.filter((scope) => scope.endsWith(':read') && spa.includes(scope) && theirs.includes(scope))
  const first = found(shared, () => true, 'a read scope of both applications and the resource server')
  return { first, second: found(shared, (scope) => scope !== first, 'a second one') }
}

async function waitFor(look, ended) {
  const deadline = Date.now() + 120_000
  const early = ended.then((verdict) => Promise.reject(new Error(`it ended with ${JSON.stringify(verdict)}`)))
  early.catch(() => {})
  while (Date.now() < deadline) {
    const found = await look()
    if (found !== undefined) return found
    await Promise.race([sleep(30), early])
  }
  throw new Error('nothing after 120 s')
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function createDatabase() {
  const maintenance = process.env.GRANTOR_TEST_POSTGRES
  if (!maintenance) throw new Error('GRANTOR_TEST_POSTGRES names no database: run scripts/test')
  const name = `grantor_node_${randomBytes(6).toString('hex')}`
  const psql = (sql) => run(join(process.env.GRANTOR_TEST_POSTGRES_BIN ?? '', 'psql'), ['-qX', '-v', 'ON_ERROR_STOP=1', '-c', sql, maintenance])
  await psql(`CREATE DATABASE ${name}`)
  const url = new URL(maintenance)
  url.pathname = `/${name}`
  const dump = async () => {
    const { stdout } = await run(join(process.env.GRANTOR_TEST_POSTGRES_BIN ?? '', 'pg_dump'), ['--data-only', url.href], { maxBuffer: 64 * 1024 * 1024 })
    return Buffer.from(stdout)
  }
  return { url: url.href, dump, drop: () => psql(`DROP DATABASE ${name} WITH (FORCE)`) }
}

/** Name to bytes of the files in a folder whose name fits. */
async function files(folder, pattern) {
  const names = (await readdir(folder)).filter((name) => pattern.test(name))
  if (names.length === 0) throw new Error(`no file in ${folder} is ${pattern}`)
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])))
}

function found(list, test, what) {
  const one = list.find(test)
  if (one === undefined) throw new Error(`the ready file has not ${what}: ${JSON.stringify(list.map(({ use, login, scopes }) => use ?? login ?? scopes ?? null))}`)
  return one
}

/** A value as TOML spells it: JSON but for its tables. */
function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{ ${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} = ${toml(member)}`).join(', ')} }`
}

const tail = (text) => text.split('\n').slice(-40).join('\n')
