// A single-page application on an origin of its own: static files and nothing else, as a content delivery network has them.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const OIDC_CLIENT = createRequire(import.meta.url).resolve('oidc-client-ts').replace(/umd\/oidc-client-ts\.js$/, 'browser/oidc-client-ts.min.js')

/**
 * Starts it under the name `localhost`: to a browser that is another site than 127.0.0.1, so no cookie of the server goes
 * along with a request, and no frame of it is signed in. `settings` is what `new UserManager` gets.
 */
export async function startSpa() {
  const [page, library] = await Promise.all([readFile(new URL('spa.html', import.meta.url), 'utf8'), readFile(OIDC_CLIENT)])
  let settings = {}
  const asked = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    asked.push(request.url)
    if (pathname === '/oidc-client-ts.js') return response.setHeader('content-type', 'text/javascript').end(library)
    if (pathname === '/settings.json') return response.setHeader('content-type', 'application/json').end(JSON.stringify(settings))
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://localhost:${server.address().port}`
  return {
    origin,
    /** Says what the application knows: by its next page load. */
    configure: (wanted) => (settings = { redirect_uri: `${origin}/callback`, post_logout_redirect_uri: `${origin}/`, ...wanted }),
    /** Addresses browsers asked for: what a log of this site would hold. */
    asked: () => asked,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
