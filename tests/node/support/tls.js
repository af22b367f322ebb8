// TLS as an operator sets it up, with a certificate made for this run: the server's own, or that of a proxy before it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request as plain } from 'node:http'
import { createServer, request as secure } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { startServe } from './grantor.js'
import { sawIn, sawInForm, sawInHeaders } from './secrets.js'

const run = promisify(execFile)

async function certificate() {
  const folder = await mkdtemp(join(tmpdir(), 'grantor-tls-'))
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate])
  return { certificate, key, ca: await readFile(certificate), remove: () => rm(folder, { recursive: true }) }
}

const answers = (url, ca) => getTls(url, ca).then(({ status }) => status === 200, () => false)

/** A server that speaks TLS itself, below `path`; `ca` is what a client has to trust. */
export async function startTls(path = '') {
  const { certificate: file, key, ca, remove } = await certificate()
  const server = await startServe({
    settings: { GRANTOR__SERVER__TLS_CERTIFICATE: file, GRANTOR__SERVER__TLS_KEY: key },
    issuerOf: (address) => `https://${address}${path}`,
    look: (address) => answers(`https://${address}${path}/login`, ca),
  })
  return { ...server, ca, stop: () => server.stop().finally(remove) }
}

/** A server behind a proxy that speaks TLS for it, below `path`. */
export async function startBehindProxy(path) {
  const { certificate: file, key, ca, remove } = await certificate()
  let behind
  const proxy = createServer({ cert: await readFile(file), key: await readFile(key) }, (request, response) => {
    const headers = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress, 'x-forwarded-proto': 'https', 'x-forwarded-host': request.headers.host }
    const onward = plain(`http://${behind}${request.url}`, { method: request.method, headers }, (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.rawHeaders)))
    request.pipe(onward.on('error', () => response.writeHead(502).end()))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const issuer = `https://127.0.0.1:${proxy.address().port}${path}`
  const server = await startServe({
    settings: { GRANTOR__SERVER__TRUSTED_PROXIES: '["127.0.0.0/8"]' },
    issuerOf: () => issuer,
    look: (address) => ((behind = address), answers(`${issuer}/login`, ca)),
  })
  const close = () => new Promise((resolve) => proxy.close(resolve).closeAllConnections())
  return { ...server, ca, stop: () => close().then(server.stop).finally(remove) }
}

/** One request that trusts `ca` and nobody else. */
function ask(url, { ca, method = 'GET', headers = {}, body = '' }) {
  return new Promise((resolve, reject) => {
    const call = secure(url, { ca, method, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, protocol: response.socket.getProtocol?.(), body: (await buffer(response)).toString() })
    })
    call.on('error', reject).end(body)
  })
}

/** A GET. */
export const getTls = (url, ca) => ask(url, { ca })

/** `fetch` for clients that trust `ca` and nobody else. */
export const trusting = (ca) => async (url, { method, headers, body }) => {
  sawInForm(body?.toString() ?? '')
  const answer = await ask(url, { ca, method, headers: Object.fromEntries(new Headers(headers)), body: body?.toString() })
  sawIn(answer.body)
  sawInHeaders(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
  return new Response([204, 304].includes(answer.status) ? null : answer.body, { status: answer.status, headers: Object.entries(answer.headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value])) })
}
