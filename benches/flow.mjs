// The web client of `grantor dev` and a signed-in person whose approvals are silent: codes as fast as the server makes them.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Visitor } from '../tests/node/support/visitor.js'
import { drive } from './driver.mjs'

export const CONNECTIONS = 32
const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

export async function bench(readyFile) {
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'))
  const client = ready.clients.find(({ use }) => use === 'web')
  const port = Number(new URL(ready.issuer).port)
  const scope = client.scopes.find((name) => name.endsWith(':read'))
  const redirect_uri = client.redirect_uris.find((uri) => uri.startsWith('http://127.0.0.1/')).replace('127.0.0.1', '127.0.0.1:49152')
  const authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`
  const query = new URLSearchParams({ response_type: 'code', client_id: client.client_id, redirect_uri, scope, state: 's', code_challenge: CHALLENGE, code_challenge_method: 'S256' })
  const host = new URL(ready.issuer).host

  const token = (parameters) => {
    const body = new URLSearchParams(parameters).toString()
    return `POST /oauth/token HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }

  /** `count` unused codes. */
  async function codes(count) {
    const visitor = new Visitor(ready.issuer)
    await visitor.authorize(`${ready.issuer}/oauth/authorize?${query}`, ready.users[0])
    const request = `GET /oauth/authorize?${query} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${visitor.cookies()}\r\nAccept: text/html\r\n\r\n`
    const made = []
    let left = count
    await drive({
      port,
      connections: CONNECTIONS,
      next: () => (left-- > 0 ? request : undefined),
      seen: (status, head) => made.push(/[?&]code=([^&\s]+)/.exec(/\r\nlocation: ([^\r]*)/i.exec(head)?.[1] ?? '')?.[1] ?? fail(status, head)),
    })
    return made
  }

  /** Sends token requests one after the other and collects what came back. */
  async function tokens(requests) {
    const answers = []
    const run = await drive({
      port,
      connections: CONNECTIONS,
      next: () => requests.pop(),
      seen: (status, head, body) => answers.push(status === 200 ? JSON.parse(body) : fail(status, head + body)),
    })
    return { ...run, answers }
  }

  const redemption = (code) => token({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER })
  return { port, host, scope, authorization, token, codes, tokens, redemption }
}

function fail(status, text) {
  throw new Error(`status ${status}: ${text.slice(0, 500)}`)
}
