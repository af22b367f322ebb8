// The pages are plain forms: everything works with JavaScript switched off.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { startApplication } from '../support/application.js'
import { element, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { scopesOf, startGrantor } from '../support/grantor.js'
import { authorizationRequest, redeem } from '../support/requests.js'

let server, browser, application, somebody, page, web, scope
before(async () => {
  ;[server, browser, application] = await Promise.all([startGrantor(), startChromium(), startApplication()])
  web = server.client('web')
  scope = scopesOf(server)
})
after(() => Promise.all([browser?.close(), application?.stop(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server, { friends: [application.origin], javaScript: false })
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

const arrived = () => page.waitForURL((url) => url.origin === application.origin)

test('the code flow without JavaScript', async () => {
  const asked = authorizationRequest(server, web, application.redirectUri, { scope: scope.first })
  await page.goto(asked.url)
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await arrived()
  assert.equal((await redeem(server, web, asked, application.last().query.code)).scope, scope.first)
})

test('form_post without JavaScript has a button to press', async () => {
  const asked = authorizationRequest(server, web, application.redirectUri, { scope: scope.first, response_mode: 'form_post', prompt: 'consent' })
  await page.goto(asked.url)
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await element(page, ID.formPost).click()
  await arrived()
  assert.equal(application.last().form.state, asked.state)
})
