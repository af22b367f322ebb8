// A person signs in, allows, denies and allows more, in Chromium. This file is also the smoke set on PostgreSQL.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { startApplication } from '../support/application.js'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { formWith } from '../support/forms.js'
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

const request = (client, parameters) => authorizationRequest(server, client, application.redirectUri, parameters)
const arrived = () => page.waitForURL((url) => url.origin === application.origin)

test('signing in, allowing and redeeming', async () => {
  const asked = request(web, { scope: scope.first })
  await page.goto(asked.url)
  await look(page, 'sign-in')
  await signIn(page, server.user)
  await element(page, ID.allow).waitFor()
  await look(page, 'consent')
  await element(page, ID.allow).click()
  await arrived()
  const { query, referer } = application.last()
  assert.deepEqual({ state: query.state, iss: query.iss, referer }, { state: asked.state, iss: server.issuer, referer: undefined })
  const tokens = await redeem(server, web, asked, query.code)
  assert.equal(tokens.scope, scope.first)
})

test('a wrong password is said, next to the fields, and the request is not lost', async () => {
  const asked = request(spa, { scope: scope.first })
  await page.goto(asked.url)
  await signIn(page, { ...server.user, password: 'not the password of anybody' })
  await page.getByRole('alert').waitFor()
  assert.equal(await element(page, ID.username).inputValue(), server.user.login)
  assert.equal(await element(page, ID.password).inputValue(), '')
  await look(page, 'sign-in-refused')
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await arrived()
  assert.equal(application.last().query.state, asked.state)
})

test('denying tells the application and nothing more', async () => {
  const asked = request(spa, { scope: scope.first })
  await page.goto(asked.url)
  await signIn(page, server.user)
  await element(page, ID.deny).click()
  await arrived()
  const { error, state, iss, code } = application.last().query
  assert.deepEqual({ error, state, iss, code }, { error: 'access_denied', state: asked.state, iss: server.issuer, code: undefined })
})

test('asking for more shows what is allowed already and what is new', async () => {
  await page.goto(request(spa, { scope: scope.first }).url)
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await arrived()
  await page.goto(request(spa, { scope: `${scope.first} ${scope.second}` }).url)
  await element(page, ID.allow).waitFor()
  const lines = (await page.getByRole('listitem').allInnerTexts()).map((line) => line.replace(/\s+/g, ' '))
  assert.ok(lines.some((line) => line.endsWith(' Allowed')), lines.join('\n'))
  assert.ok(lines.some((line) => line.endsWith(' New')), lines.join('\n'))
  await look(page, 'consent-again')
  await element(page, ID.allow).click()
  await arrived()
  assert.ok(application.last().query.code)
})

test('a second run of the confidential client is silent, unless it asks for consent', async () => {
  await page.goto(request(web, { scope: scope.first, prompt: 'consent' }).url)
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await arrived()
  const silent = request(web, { scope: scope.first })
  await page.goto(silent.url)
  assert.equal(application.last().query.state, silent.state)
  await page.goto(request(web, { scope: scope.first, prompt: 'consent' }).url)
  await element(page, ID.allow).waitFor()
})

test('two tabs with different requests never mix', async () => {
  const [one, two] = [request(spa, { scope: scope.first }), request(web, { scope: scope.second, prompt: 'consent' })]
  const other = await somebody.newPage()
  await page.goto(one.url)
  await other.goto(two.url)
  await signIn(page, server.user)
  await element(page, ID.allow).waitFor()
  await other.goto(two.url)
  await element(other, ID.allow).click()
  await other.waitForURL((url) => url.origin === application.origin)
  const second = application.last().query
  await element(page, ID.allow).click()
  await arrived()
  const first = application.last().query
  assert.deepEqual([first.state, second.state], [one.state, two.state])
  assert.equal((await redeem(server, spa, one, first.code)).scope, scope.first)
  assert.equal((await redeem(server, web, two, second.code)).scope, scope.second)
})

// A18.
test('a consent form sent a second time brings no second code', async () => {
  await page.goto(request(spa, { scope: scope.first }).url)
  await signIn(page, server.user)
  await element(page, ID.allow).waitFor()
  const form = formWith(await page.content(), ID.allow)
  const address = new URL(form.action, page.url()).href
  await element(page, ID.allow).click()
  await arrived()
  const again = await page.context().request.post(address, { form: Object.fromEntries(form.fields), headers: { origin: server.issuer }, maxRedirects: 0 })
  assert.ok(again.status() >= 400, `status ${again.status()}`)
  assert.equal(again.headers().location, undefined)
})
