// The playground is a real client of the server it lives in: the whole run, button by button.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'

const { playground } = ID
let server, browser, somebody, page
before(async () => {
  ;[server, browser] = await Promise.all([startGrantor(), startChromium()])
})
after(() => Promise.all([browser?.close(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server)
  page = await somebody.newPage()
  await page.goto(`${server.issuer}/playground`)
})
afterEach(() => somebody.leave())

const steps = () => element(page, playground.messages).locator('li[id^="step-"]')

/** Presses a button; the run grows by one step, whose messages say what they should. */
async function press(id, ...expected) {
  const before = await steps().count()
  await element(page, id).click()
  await steps().nth(before).waitFor()
  await page.waitForLoadState()
  const text = await steps().nth(before).locator('.message').allInnerTexts()
  for (const pattern of expected) assert.match(text.join('\n'), pattern)
}

async function start(use, responseType) {
  await page.locator(`input[name="client_id"][value="${server.client(use).client_id}"]`).check()
  await page.locator(`input[name="response_type"][value="${responseType}"]`).check()
  await page.locator('input[name="prompt"][value="consent"]').check()
  await element(page, playground.start).click()
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await page.waitForURL((url) => url.pathname.startsWith('/playground'))
}

test('the code flow: start, sign in, consent, redeem, refresh, introspect, revoke', async () => {
  await look(page, 'playground')
  await start('web', 'code')
  await press(playground.redeem, /POST \/oauth\/token/, /grant_type.*authorization_code/, /"access_token"/)
  await press(playground.introspect, /POST \/oauth\/introspect/, /"active":\s*true/)
  await press(playground.refresh, /grant_type.*refresh_token/, /"refresh_token"/)
  await press(playground.refreshAgain, /"refresh_token"/)
  await press(playground.revoke, /POST \/oauth\/revoke/, /200/)
  await press(playground.introspect, /"active":\s*false/)
  await look(page, 'playground-run')
})

test('a thief who sends the code again takes the tokens down', async () => {
  await start('web', 'code')
  await press(playground.redeem, /"access_token"/)
  await press(playground.redeemAgain, /invalid_grant/)
  await press(playground.introspect, /"active":\s*false/)
})

test('the implicit flow of the single-page application', async () => {
  await start('spa', 'token')
  await page.getByText(/gat_/).first().waitFor()
  await look(page, 'playground-implicit')
})
