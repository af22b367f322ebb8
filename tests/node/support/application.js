// The client's side as a browser and the server see it: an origin of its own that remembers what reached it, and keeps the
// documents of the client.
import { createServer } from 'node:http'
import { EventEmitter, once } from 'node:events'

export async function startApplication() {
  const received = []
  const documents = new Map()
  const arrivals = new EventEmitter()
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url, 'http://127.0.0.1')
      const arrived = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())), origin: request.headers.origin, referer: request.headers.referer }
      received.push(arrived)
      arrivals.emit(url.pathname, arrived)
      const document = documents.get(url.pathname)
      if (document) return response.setHeader('content-type', document.type).end(document.text)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end('<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>The application</title><h1>Back in the application</h1></html>')
    })
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${server.address().port}`
  return {
    origin,
    redirectUri: `${origin}/callback`,
    /** Publishes a document; where it is. */
    serve: (path, type, text) => {
      documents.set(path, { type, text })
      return `${origin}${path}`
    },
    /** The next request that comes to this path. */
    arrival: (path) => once(arrivals, path).then(([arrived]) => arrived),
    /** What the last request to the callback brought. */
    last: () => received.filter(({ path }) => path === '/callback').at(-1),
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
