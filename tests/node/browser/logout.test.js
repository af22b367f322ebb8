// Logout in a browser: frames of two applications on other origins, the way back, and the frame that watches the session.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { authorizationRequest, redeem } from '../support/requests.js'

/** An application with a page for each path, which remembers what was asked of it. */
async function startPages() {
  const asked = []
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1')
    asked.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), destination: request.headers['sec-fetch-dest'] })
    response.setHeader('content-type', 'text/html; charset=utf-8')
    const hostile = url.pathname === '/out' ? '<script>try { top.location = "/stolen" } catch {}</script>' : ''
    response.end(`<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>${url.pathname}</title><h1>${url.pathname}</h1>${hostile}</html>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${server.address().port}`
  return { origin, asked: (path) => asked.filter((one) => one.path === path), stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

let server, browser, first, second, somebody, page, clients
before(async () => {
  ;[server, browser, first, second] = await Promise.all([startGrantor({ GRANTOR__SIGN_IN__SESSION_MANAGEMENT: 'true' }), startChromium(), startPages(), startPages()])
  const declare = ({ origin }) =>
    server.declareClient({
      redirect_uris: [`${origin}/callback`],
      openid: {
        post_logout_redirect_uris: [`${origin}/goodbye`],
        frontchannel_logout_uri: `${origin}/out`,
        frontchannel_logout_session_required: true,
      },
    })
  clients = [await declare(first), await declare(second)]
})
after(() => Promise.all([browser?.close(), first?.stop(), second?.stop(), server?.stop()]))

async function visitor(options = {}) {
  somebody = await person(browser, server, { friends: [first.origin, second.origin], ...options })
  page = await somebody.newPage()
}
beforeEach(() => visitor())
afterEach(() => somebody.leave())

/** Signs in to an application; its tokens, and what the answer said of the session. */
async function signInTo(client, { origin }) {
  const asked = authorizationRequest(server, client, `${origin}/callback`, { scope: 'openid' })
  await page.goto(asked.url)
  if (await element(page, ID.signIn).count()) await signIn(page, server.user)
  if (await element(page, ID.allow).count()) await element(page, ID.allow).click()
  await page.waitForURL((url) => url.origin === origin)
  const answer = new URL(page.url()).searchParams
  return { tokens: await redeem(server, client, asked, answer.get('code')), session_state: answer.get('session_state') }
}

/** What the hostile frames were refused is in the console, as it should be. */
const forgive = (expected) => somebody.complaints().splice(0, Infinity, ...somebody.complaints().filter((text) => !expected.test(text)))

const logoutUrl = (parameters) => `${server.issuer}/oauth/logout?${new URLSearchParams(parameters)}`

test('both applications are told in frames, then the browser goes back by itself', async () => {
  const { tokens } = await signInTo(clients[0], first)
  await signInTo(clients[1], second)
  const { sid } = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'))
  await page.goto(logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${first.origin}/goodbye`, state: 'a b' }))
  await page.waitForURL(`${first.origin}/goodbye?state=a%20b`)
  for (const application of [first, second]) {
    assert.deepEqual(application.asked('/out').at(-1), { path: '/out', query: { iss: server.issuer, sid }, destination: 'iframe' })
  }
  assert.equal(first.asked('/stolen').length + second.asked('/stolen').length, 0, 'a frame leads nobody away')
  forgive(/sandboxed/)
  await page.goto(`${server.issuer}/`)
  assert.equal(await element(page, ID.signIn).count(), 1, 'signed out here')
})

test('the question names the applications, and goes back by a redirect to another origin', async () => {
  await signInTo(clients[0], first)
  await page.goto(logoutUrl({ client_id: clients[0].client_id, post_logout_redirect_uri: `${first.origin}/goodbye` }))
  assert.match(await page.getByRole('main').innerText(), new RegExp(clients[0].name ?? 'asks to sign you out'))
  await look(page, 'logout-asked')
  await element(page, ID.signOut).click()
  await page.waitForURL(`${first.origin}/goodbye`)
  forgive(/sandboxed/)
})

test('without scripts the page goes on too', async () => {
  await somebody.leave()
  await visitor({ javaScript: false })
  const { tokens } = await signInTo(clients[0], first)
  await page.goto(logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${first.origin}/goodbye` }))
  await page.waitForURL(`${first.origin}/goodbye`)
})

test('without an address to go back to the page stays', async () => {
  const { tokens } = await signInTo(clients[0], first)
  await page.goto(logoutUrl({ id_token_hint: tokens.id_token }))
  await look(page, 'logged-out')
  assert.match(await page.getByRole('main').innerText(), /You are signed out/)
  forgive(/sandboxed/)
})

test('the frame tells an application whether the session is the same', async () => {
  const { session_state } = await signInTo(clients[0], first)
  const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()
  await page.goto(`${first.origin}/watch`)
  const ask = (message) =>
    page.evaluate(
      async ([src, message]) => {
        const frame = document.createElement('iframe')
        frame.src = src
        document.body.append(frame)
        await new Promise((resolve) => frame.addEventListener('load', resolve))
        const answered = new Promise((resolve) => addEventListener('message', ({ data, origin }) => resolve([data, origin]), { once: true }))
        frame.contentWindow.postMessage(message, new URL(src).origin)
        return answered
      },
      [metadata.check_session_iframe, message],
    )
  const own = `${clients[0].client_id} ${session_state}`
  const origin = new URL(server.issuer).origin
  assert.deepEqual(await ask(own), ['unchanged', origin])
  assert.deepEqual(await ask(`${clients[1].client_id} ${session_state}`), ['changed', origin])
  for (const nonsense of ['', 'x', 'a b c', `${clients[0].client_id} x`]) assert.deepEqual(await ask(nonsense), ['error', origin], nonsense)
  const other = await somebody.newPage()
  await other.goto(logoutUrl({}))
  await element(other, ID.signOut).click()
  await other.getByRole('heading', { name: 'You are signed out' }).waitFor()
  assert.deepEqual(await ask(own), ['changed', origin])
  forgive(/sandboxed/)
})

test('the frame answers the page that frames it, and its own frames, and nobody else', async () => {
  const { session_state } = await signInTo(clients[0], first)
  const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()
  await page.goto(`${first.origin}/watch`)
  const beside = [second, first].map(({ origin }) => `${origin}/beside`)
  await page.evaluate(
    async (sources) => {
      for (const src of sources) {
        const frame = document.createElement('iframe')
        frame.src = src
        document.body.append(frame)
        await new Promise((resolve) => frame.addEventListener('load', resolve))
      }
    },
    [metadata.check_session_iframe, ...beside],
  )
  const [foreign, own] = beside.map((url) => page.frames().find((frame) => frame.url() === url))
  const message = [`${clients[0].client_id} ${session_state}`, new URL(server.issuer).origin]
  const send = (frame) =>
    frame.evaluate(([message, origin]) => {
      window.heard ??= []
      addEventListener('message', ({ data }) => window.heard.push(data), { once: true })
      parent.frames[0].postMessage(message, origin)
    }, message)
  await send(foreign)
  await send(own)
  await own.waitForFunction(() => window.heard.length === 1)
  assert.deepEqual(await own.evaluate(() => window.heard), ['unchanged'])
  assert.deepEqual(await foreign.evaluate(() => window.heard), [], 'another origin learns nothing')
})
