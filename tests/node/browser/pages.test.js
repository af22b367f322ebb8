// The pages outside a flow: sign in, register, sign out.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor, startServe } from '../support/grantor.js'

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
  await page.keyboard.press('Enter')
  await page.waitForURL(`${server.issuer}/`)
  assert.equal(await element(page, ID.signIn).count(), 0)
})

test('signing out asks first, by a form, and ends the session', async () => {
  await page.goto(`${server.issuer}/login`)
  await signIn(page, server.user)
  await element(page, ID.signIn).waitFor({ state: 'detached' })
  await page.goto(`${server.issuer}/logout`)
  await look(page, 'sign-out')
  await element(page, ID.signOut).click()
  await element(page, ID.signOut).waitFor({ state: 'detached' })
  await look(page, 'signed-out')
  await page.goto(`${server.issuer}/login`)
  await element(page, ID.signIn).waitFor()
})

test('registering where it is on: a fault is said at its field, then the new person is signed in', async () => {
  await page.goto(`${server.issuer}/register`)
  await look(page, 'register')
  await element(page, ID.username).fill(server.user.login)
  await element(page, ID.name).fill('Carol Newcomer')
  await element(page, ID.email).fill('carol@demo.example')
  await element(page, ID.password).fill('short')
  await element(page, ID.register).click()
  await page.getByRole('alert').first().waitFor()
  const password = element(page, ID.password)
  assert.deepEqual([await password.getAttribute('aria-invalid'), await password.inputValue()], ['true', ''])
  assert.equal(await element(page, ID.name).inputValue(), 'Carol Newcomer')
  await look(page, 'register-refused')
  await element(page, ID.username).fill('carol')
  await password.fill('a long walk by the river')
  await element(page, ID.register).click()
  await page.waitForURL(`${server.issuer}/`)
  assert.match(await page.getByRole('main').innerText(), /Carol/)
  await look(page, 'home')
})

test('registration is off by default and says so', async () => {
  const defaults = await startServe()
  const visitor = await person(browser, defaults)
  try {
    const closed = await visitor.newPage()
    const answer = await closed.goto(`${defaults.issuer}/register`)
    assert.equal(await closed.locator('form').count(), 0)
    assert.ok([200, 403, 404].includes(answer.status()), `status ${answer.status()}`)
    await look(closed, 'register-off')
    await closed.goto(`${defaults.issuer}/login`)
    await element(closed, ID.signIn).waitFor()
    assert.equal(await closed.locator('a[href*="/register"]').count(), 0)
    await visitor.leave()
  } finally {
    await defaults.stop()
  }
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
