// The pages outside a flow: sign in, register, sign out.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'

let server, browser, somebody, page
before(async () => {
  ;[server, browser] = await Promise.all([startGrantor(), startChromium()])
})
after(() => Promise.all([browser?.close(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server)
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

test('signing in by keyboard alone', async () => {
  await page.goto(`${server.issuer}/login`)
  await look(page, 'login')
  const field = element(page, ID.username)
  await field.focus()
  await page.keyboard.type(server.user.login)
  await page.keyboard.press('Tab')
  await page.keyboard.type(server.user.password)
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
  assert.equal(await element(page, ID.signIn).count(), 0)
})

test('signing out asks first, by a form, and ends the session', async () => {
  await page.goto(`${server.issuer}/login`)
  await signIn(page, server.user)
  await page.goto(`${server.issuer}/logout`)
  await look(page, 'sign-out')
  await element(page, ID.signOut).click()
  await element(page, ID.signOut).waitFor({ state: 'detached' })
  await look(page, 'signed-out')
  await page.goto(`${server.issuer}/login`)
  await element(page, ID.signIn).waitFor()
})

// `grantor dev` lets people register; elsewhere it is off unless configured.
test('a stranger registers: a bad password is explained, a good one signs in', async () => {
  await page.goto(`${server.issuer}/register`)
  await look(page, 'register')
  const fill = async (password) => {
    await element(page, ID.username).fill('carol')
    await page.locator('#name').fill('Carol Sample')
    await page.locator('#email').fill('carol@demo.example')
    await element(page, ID.password).fill(password)
    await page.locator('#register-submit').click()
  }
  await fill('password1')
  await page.locator('#password-fault').waitFor()
  await look(page, 'register-fault')
  await fill('amber tractor mosaic')
  await page.getByRole('heading', { name: 'Hello, Carol Sample' }).waitFor()
})

test('a password is changed with the current one, and the browser stays signed in', async () => {
  await page.goto(`${server.issuer}/login`)
  await signIn(page, server.administrator)
  await page.goto(`${server.issuer}/account/password`)
  await look(page, 'password')
  await page.locator('#current').fill(server.administrator.password)
  await element(page, ID.password).fill('cobalt violin harbor')
  await page.locator('#password-submit').click()
  await page.getByRole('heading', { name: 'Your sessions' }).waitFor()
  await look(page, 'sessions')
  assert.equal(await page.locator('ul.rows > li').count(), 1)
})

test('a page that is not there is a page too', async () => {
  const answer = await page.goto(`${server.issuer}/no-such-page`)
  assert.equal(answer.status(), 404)
  await look(page, 'not-found')
})

// A10, A11.
test('every page refuses to be framed and to name where it came from', async () => {
  for (const path of ['/login', '/register', '/no-such-page', '/oauth/authorize', '/playground']) {
    const headers = (await page.goto(`${server.issuer}${path}`)).headers()
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/, path)
    assert.doesNotMatch(headers['content-security-policy'], /unsafe-inline|unsafe-eval/, path)
    assert.equal(headers['referrer-policy'], 'no-referrer', path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.match(headers['cache-control'], /no-store/, path)
  }
})
