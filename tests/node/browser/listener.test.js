// The ears of the browser suites hear: a page that breaks the rules is noticed, so silence elsewhere means something.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { look, person, startChromium } from '../support/chromium.js'
import { found } from '../support/secrets.js'

const token = (prefix) => `${prefix}_${prefix.repeat(20)}`
const PAGE = `<!doctype html><html lang="en"><title>A bad page</title><link rel="icon" href="data:,">
<main><h1>A bad page</h1><img src="http://127.0.0.2:9/pixel.png"><script>throw new Error('inline')</script>
<form method="post" action="/answer"><button>Go</button></form></main></html>`

let browser, server, issuer
before(async () => {
  browser = await startChromium()
  server = createServer((request, response) => {
    if (request.method === 'POST') return response.writeHead(303, { location: 'http://localhost:9/callback' }).end()
    response.setHeader('content-type', 'text/html')
    if (request.url.startsWith('/secrets')) {
      response.setHeader('set-cookie', 'session=a cookie nobody else has; HttpOnly; Path=/')
      return response.end(`<form method="post"><input id="password" name="password"><button>Go</button></form><code>${token('gat')}</code>`)
    }
    response.setHeader('content-security-policy', request.url === '/policy' ? "script-src 'none'; form-action 'self'" : '')
    response.end(PAGE)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${server.address().port}`
})
after(() => Promise.all([browser?.close(), new Promise((resolve) => server?.close(resolve).closeAllConnections())]))

test('a script error, a foreign request and an unlabelled image are heard', async () => {
  const somebody = await person(browser, { issuer })
  const page = await somebody.newPage()
  await page.goto(`${issuer}/`)
  const heard = somebody.complaints().join('\n')
  assert.match(heard, /a request to http:\/\/127\.0\.0\.2:9/)
  assert.match(heard, /script error: Error: inline/)
  await assert.rejects(look(page, 'listener'), /image-alt/)
  await assert.rejects(somebody.leave())
})

test('a refusal by the content security policy is heard, also of the redirect after a form', async () => {
  const somebody = await person(browser, { issuer })
  const page = await somebody.newPage()
  await page.goto(`${issuer}/policy`)
  assert.match(somebody.complaints().join('\n'), /Content Security Policy/)
  const before = somebody.complaints().length
  const heard = page.context().waitForEvent('console', (message) => /form-action/.test(message.text()))
  await page.getByRole('button').click()
  await heard
  assert.match(somebody.complaints().slice(before).join('\n'), /form-action/)
  await assert.rejects(somebody.leave())
})

// A44: what is not remembered cannot be searched for.
test('a secret is remembered from a page, an address, a cookie and a form', async () => {
  const somebody = await person(browser, { issuer })
  const page = await somebody.newPage()
  await page.goto(`${issuer}/secrets?code=${token('gac')}`)
  await page.locator('#password').fill('a password in a form')
  await page.getByRole('button').click()
  await somebody.leave().catch(() => {})
  for (const secret of [token('gat'), token('gac'), 'a cookie nobody else has', 'a password in a form']) {
    assert.equal(found({ place: Buffer.from(secret) }).length, 1, secret)
  }
})
