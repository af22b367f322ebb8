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

const messages = () => element(page, playground.messages).innerText()

/** Presses a button and waits until the messages say what they should. */
async function press(id, expected) {
  await element(page, id).click()
  await element(page, playground.messages).filter({ hasText: expected }).waitFor()
}

async function start(responseType) {
  await element(page, playground.responseType).selectOption(responseType)
  await element(page, playground.start).click()
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await page.waitForURL((url) => url.pathname.startsWith('/playground'))
}

test('the code flow: start, sign in, consent, redeem, refresh, introspect, revoke', async () => {
  await look(page, 'playground')
  await start('code')
  await press(playground.redeem, /"access_token"/)
  assert.match(await messages(), /POST \/oauth\/token/)
  await press(playground.introspect, /"active":\s*true/)
  await press(playground.refresh, /grant_type=refresh_token/)
  await press(playground.revoke, /POST \/oauth\/revoke/)
  await press(playground.introspect, /"active":\s*false/)
  await look(page, 'playground-run')
})

test('the implicit flow where the client may', async () => {
  await element(page, playground.client).selectOption(server.client('spa').client_id)
  await start('token')
  await element(page, playground.messages).filter({ hasText: /access_token/ }).waitFor()
})
