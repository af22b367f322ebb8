// The client of the Model Context Protocol's TypeScript SDK: it knows a server of tools by its address and finds the rest
// (RFC 9728, RFC 8414), proves itself by PKCE, refreshes, and asks for more where a tool needs more.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { startGrantor } from '../support/grantor.js'
import { Host, startTools } from '../support/mcp.js'
import { Visitor } from '../support/visitor.js'

const SCOPES = ['project:write', 'offline_access']
let server, tools, registered, visitor
before(async () => {
  server = await startGrantor()
  tools = await startTools(server)
  const { client_id } = await server.declareClient({ name: 'Assistant', kind: 'public', scopes: SCOPES })
  registered = { client_id, issuer: server.issuer }
})
after(() => Promise.all([tools?.stop(), server?.stop()]))
beforeEach(() => (visitor = new Visitor(server.issuer)))

const transportOf = (host) => new StreamableHTTPClientTransport(tools.url, { authProvider: host })
const client = () => new Client({ name: 'assistant', version: '1' })
const called = async (connection, name) => (await connection.callTool({ name })).content[0].text

/** Goes where the host was sent, allows it, and takes the answer back. */
async function allow(host, transport) {
  const callback = await visitor.authorize(host.sentTo.at(-1), server.user)
  await transport.finishAuth(host.answered(callback))
}

/** A connection of a host that had to ask the person. */
async function connected(host) {
  const refused = transportOf(host)
  await assert.rejects(client().connect(refused), UnauthorizedError)
  await allow(host, refused)
  const connection = client()
  await connection.connect(transportOf(host))
  return connection
}

test('from the address of the tools to a call, through discovery, PKCE and consent', async () => {
  const host = new Host(registered)
  const connection = await connected(host)
  const { searchParams: asked } = host.sentTo[0]
  assert.equal(asked.get('code_challenge_method'), 'S256')
  assert.equal(asked.get('resource'), tools.url.href)
  assert.equal(asked.get('scope'), 'project:read offline_access')
  assert.deepEqual((await connection.listTools()).tools.map(({ name }) => name), ['list_projects', 'make_project'])
  assert.equal(await called(connection, 'list_projects'), `list_projects for ${server.user.login}`)
  assert.equal(tools.seen().client_id, registered.client_id)
  // Others own this scope too, and are not asked for.
  assert.deepEqual([tools.seen().aud].flat(), [tools.url.href])
  await connection.close()
})

test('an access token that ended is replaced without asking the person', async () => {
  const host = new Host(registered)
  const connection = await connected(host)
  const { access_token, refresh_token } = host.tokens()
  const ended = await fetch(`${server.issuer}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token: access_token, client_id: registered.client_id }) })
  assert.equal(ended.status, 200)
  assert.equal(await called(connection, 'list_projects'), `list_projects for ${server.user.login}`)
  assert.equal(host.sentTo.length, 1)
  assert.notEqual(host.tokens().access_token, access_token)
  assert.notEqual(host.tokens().refresh_token, refresh_token)
  await connection.close()
})

test('a tool that needs more makes the host ask for more, and what was allowed stays', async () => {
  const host = new Host(registered)
  const first = await connected(host)
  await assert.rejects(called(first, 'make_project'), UnauthorizedError)
  assert.deepEqual(host.sentTo[1].searchParams.get('scope').split(' ').sort(), ['offline_access', 'project:read', 'project:write'])
  await allow(host, first.transport)
  assert.equal(await called(first, 'make_project'), `make_project for ${server.user.login}`)
  assert.equal(await called(first, 'list_projects'), `list_projects for ${server.user.login}`)
  await first.close()
})

test('a token that was withdrawn sends the host back to the person', async () => {
  const host = new Host(registered)
  const connection = await connected(host)
  const { refresh_token } = host.tokens()
  await fetch(`${server.issuer}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token: refresh_token, client_id: registered.client_id }) })
  await assert.rejects(called(connection, 'list_projects'), UnauthorizedError)
  assert.equal(host.sentTo.length, 2)
  await allow(host, connection.transport)
  assert.equal(await called(connection, 'list_projects'), `list_projects for ${server.user.login}`)
  await connection.close()
})
