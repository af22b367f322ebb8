// Every way an answer leaves the server, under its content security policy: fragment, form, private-use scheme, error page.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { startApplication } from '../support/application.js'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { scopesOf, startGrantor } from '../support/grantor.js'
import { authorizationRequest, redeem } from '../support/requests.js'

let server, browser, application, somebody, page, web, spa, scope
before(async () => {
  ;[server, browser, application] = await Promise.all([startGrantor(), startChromium(), startApplication()])
  web = server.client('web')
  spa = server.client('spa')
  scope = scopesOf(server)
})
after(() => Promise.all([browser?.close(), application?.stop(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server, { friends: [application.origin] })
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

const arrived = () => page.waitForURL((url) => url.origin === application.origin)

async function allow(asked) {
  await page.goto(asked.url)
  await signIn(page, server.user)
  await element(page, ID.allow).click()
}

test('the single-page application gets its token in the fragment, which no server sees', async () => {
  const asked = authorizationRequest(server, spa, application.redirectUri, { response_type: 'token', scope: scope.first })
  await allow(asked)
  await arrived()
  const fragment = Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1)))
  assert.match(fragment.access_token, /^gat_/)
  assert.equal(fragment.token_type.toLowerCase(), 'bearer')
  assert.deepEqual({ state: fragment.state, iss: fragment.iss, scope: fragment.scope }, { state: asked.state, iss: server.issuer, scope: scope.first })
  assert.equal(fragment.refresh_token, undefined)
  assert.deepEqual(application.last().query, {})
})

test('a client without the right to the implicit flow is refused in the fragment', async () => {
  await page.goto(authorizationRequest(server, web, application.redirectUri, { response_type: 'token', scope: scope.first }).url)
  if (await element(page, ID.signIn).count()) await signIn(page, server.user)
  await arrived()
  assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('error'), 'unauthorized_client')
})

test('form_post reaches another origin by itself', async () => {
  const asked = authorizationRequest(server, web, application.redirectUri, { response_mode: 'form_post', scope: scope.first })
  await allow(asked)
  await arrived()
  const { method, form, query } = application.last()
  assert.deepEqual({ method, query, state: form.state, iss: form.iss }, { method: 'POST', query: {}, state: asked.state, iss: server.issuer })
  assert.equal((await redeem(server, web, asked, form.code)).scope, scope.first)
})

test('a code in the fragment when the client asks for it there', async () => {
  const asked = authorizationRequest(server, web, application.redirectUri, { response_mode: 'fragment', scope: scope.first, prompt: 'consent' })
  await allow(asked)
  await arrived()
  const fragment = new URLSearchParams(new URL(page.url()).hash.slice(1))
  assert.equal((await redeem(server, web, asked, fragment.get('code'))).scope, scope.first)
})

test('a private-use scheme is reached from the consent page', async () => {
  const client = await server.createClient({ kind: 'public', scope: scope.first, redirect_uris: ['com.example.app:/callback'] })
  const asked = authorizationRequest(server, client, client.redirect_uris[0], { scope: scope.first })
  await page.goto(asked.url)
  await signIn(page, server.user)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  const left = new Promise((resolve) => {
    devtools.on('Network.requestWillBeSent', ({ redirectResponse }) => redirectResponse && resolve(redirectResponse.headers))
    page.on('response', async (response) => response.status() === 303 && resolve(await response.allHeaders()))
  })
  await element(page, ID.allow).click()
  const headers = await left
  const location = new URL(headers.location ?? headers.Location)
  assert.equal(`${location.protocol}`, new URL(asked.redirect_uri).protocol)
  assert.equal((await redeem(server, client, asked, location.searchParams.get('code'))).scope, scope.first)
})

// A01, A05.
test('a redirect URI that is not registered ends on a page that says so', async () => {
  const answer = await page.goto(authorizationRequest(server, web, 'https://elsewhere.example/callback', { scope: scope.first }).url)
  assert.equal(answer.status(), 400)
  assert.match(await page.getByRole('main').innerText(), /redirect/i)
  await look(page, 'error')
})

test('an unknown client ends on a page that says so', async () => {
  const answer = await page.goto(`${server.issuer}/oauth/authorize?response_type=code&client_id=nobody`)
  assert.equal(answer.status(), 400)
  assert.match(await page.getByRole('main').innerText(), /client|application/i)
})
