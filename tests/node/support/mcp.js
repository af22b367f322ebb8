// The Model Context Protocol's two sides of OAuth: a small server of tools that asks grantor about tokens, and what a host
// (an assistant, an editor) keeps for the SDK's client.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { introspect } from './requests.js'

/** What each tool needs. */
const TOOLS = { list_projects: 'project:read', make_project: 'project:write' }

/**
 * Starts a server of tools and registers it as a resource server. It knows nothing of its clients: they learn from its
 * metadata (RFC 9728) where tokens come from. `seen()` is what was said of the last token.
 */
export async function startTools(server) {
  const listener = createServer((request, response) => answer(request, response).catch((error) => response.writeHead(500).end(String(error))))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const origin = `http://127.0.0.1:${listener.address().port}`
  const resource = `${origin}/mcp`
  const metadataAddress = `${origin}/.well-known/oauth-protected-resource/mcp`
  const asking = await server.createClient({ name: 'Tools', 'may-introspect': 'true', redirect_uris: [] })
  await server.command('resource', 'create', resource, '--name', 'Tools', '--scope-set', 'project', '--client', asking.client_id)
  let seen

  async function answer(request, response) {
    const send = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body && JSON.stringify(body))
    const challenge = (status, parameters) =>
      send(status, undefined, { 'www-authenticate': `Bearer ${Object.entries({ ...parameters, resource_metadata: metadataAddress }).map(([name, value]) => `${name}="${value}"`).join(', ')}` })
    const { pathname } = new URL(request.url, origin)
    if (pathname === new URL(metadataAddress).pathname) return send(200, { resource, authorization_servers: [server.issuer], scopes_supported: ['project:read'] })
    if (pathname !== '/mcp') return send(404, {})
    // No stream of events: asked for in the background, it would be refused and authorized beside the test.
    if (request.method !== 'POST') return send(405)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return challenge(401, {})
    seen = await introspect(server, asking, token)
    if (!seen.active || ![seen.aud].flat().includes(resource)) return challenge(401, { error: 'invalid_token' })
    const { id, method, params } = JSON.parse(await text(request))
    const result = (value) => send(200, { jsonrpc: '2.0', id, result: value })
    if (id === undefined) return send(202)
    if (method === 'initialize') return result({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'tools', version: '1' } })
    if (method === 'tools/list') return result({ tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } })) })
    const needed = TOOLS[params.name]
    if (!seen.scope.split(' ').includes(needed)) return challenge(403, { error: 'insufficient_scope', scope: needed })
    return result({ content: [{ type: 'text', text: `${params.name} for ${seen.username}` }] })
  }

  return { url: new URL(resource), seen: () => seen, stop: () => new Promise((resolve) => listener.close(resolve).closeAllConnections()) }
}

/** What the SDK's client asks of its host: to keep things, and to send the person to an address. */
export class Host {
  redirectUrl = 'http://127.0.0.1:49152/callback'
  /** Where the person is to go. */
  sentTo = []
  #kept = {}

  /** `registered` is a client of the operator's; without it the host registers itself. */
  constructor(registered) {
    this.#kept.client = registered
  }

  get clientMetadata() {
    return { client_name: 'Assistant', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' }
  }

  state = () => (this.#kept.state = crypto.randomUUID())
  clientInformation = () => this.#kept.client
  saveClientInformation = (client) => void (this.#kept.client = client)
  tokens = () => this.#kept.tokens
  saveTokens = (tokens) => void (this.#kept.tokens = tokens)
  codeVerifier = () => this.#kept.verifier
  saveCodeVerifier = (verifier) => void (this.#kept.verifier = verifier)
  discoveryState = () => this.#kept.discovery
  saveDiscoveryState = (discovery) => void (this.#kept.discovery = discovery)
  redirectToAuthorization = (address) => void this.sentTo.push(address)
  invalidateCredentials = (what) => {
    for (const name of { all: ['client', 'tokens', 'verifier', 'discovery'] }[what] ?? [what]) delete this.#kept[name]
  }

  /** What the last answer of the authorization server brought, once it is sure that the host asked for it. */
  answered(callback) {
    assert.equal(callback.searchParams.get('state'), this.#kept.state)
    return callback.searchParams
  }
}
