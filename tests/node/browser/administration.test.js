// The server's administrators in Chromium: every page of theirs, an organization's keys and applications, the API's own
// documentation; each looked at wide and narrow, light and dark, with the accessibility checker.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { enterAcme, signInHere } from '../support/acme.js'
import { look, person, startChromium, tabTo } from '../support/chromium.js'
import { startGrantor } from '../support/grantor.js'
import { saw } from '../support/secrets.js'

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

const at = async (path) => assert.equal((await page.goto(`${server.issuer}${path}`)).status(), 200, path)

test('an administrator finds their way through the server', async () => {
  await signInHere(page, server, server.administrator)
  await page.locator('#administration').click()
  await look(page, 'admin-dashboard')
  for (const [path, name] of [
    ['/admin/users', 'admin-users'],
    ['/admin/clients', 'admin-clients'],
    ['/admin/organizations', 'admin-organizations'],
    ['/admin/audit', 'admin-audit'],
    ['/admin/keys', 'admin-keys'],
    ['/admin/jobs', 'admin-jobs'],
    ['/admin/configuration', 'admin-configuration'],
  ]) {
    await at(path)
    await look(page, name)
  }
  await at('/admin/users')
  await page.getByRole('link', { name: server.user.login, exact: true }).first().click()
  await look(page, 'admin-user')
})

// What a page asks before it does something dangerous.
async function questions(name) {
  const own = new URL(page.url()).pathname
  const linked = await page.locator('main a').evaluateAll((links) => links.map((link) => new URL(link.href).pathname))
  const asked = [...new Set(linked)].filter((path) => path.startsWith(`${own}/`))
  for (const path of asked) {
    await at(path)
    await look(page, `${name}-${path.slice(own.length + 1).replaceAll('/', '-')}`)
  }
  return asked.length
}

test('every dangerous deed of an administrator is asked about first', async () => {
  await signInHere(page, server, server.administrator)
  await at('/admin/users')
  await page.getByRole('link', { name: server.user.login, exact: true }).first().click()
  assert.ok((await questions('admin-user')) >= 3)
  await at('/admin/clients')
  await page.getByRole('link', { name: server.client('web').name, exact: true }).first().click()
  await look(page, 'admin-client')
  assert.ok((await questions('admin-client')) >= 1)
  await at('/admin/organizations')
  await page.locator('main a[href*="/admin/organizations/"]').first().click()
  await look(page, 'admin-organization')
  assert.ok((await questions('admin-organization')) >= 1)
  await at('/admin/keys')
  assert.ok((await questions('admin-keys')) >= 1)
})

test('an administrator finds a person by keyboard alone', async () => {
  await signInHere(page, server, server.administrator)
  await at('/admin/users')
  await tabTo(page, 'admin-search')
  await page.keyboard.type(server.user.login)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.search.includes(server.user.login))
  const found = page.getByRole('main')
  assert.equal(await found.getByRole('link', { name: server.user.login, exact: true }).count(), 1)
  assert.equal(await found.getByRole('link', { name: server.administrator.login, exact: true }).count(), 0)
})

test('whoever is no administrator finds nothing there', async () => {
  await signInHere(page, server, server.user)
  for (const path of ['/admin', '/admin/users', '/admin/configuration']) {
    const [there, nowhere] = [await page.goto(`${server.issuer}${path}`), await page.goto(`${server.issuer}/no-such-page`)]
    assert.deepEqual([there.status(), nowhere.status()], [404, 404])
  }
})

test('the API documents itself', async () => {
  await at('/api/v1/docs')
  await look(page, 'api-docs')
})

test('an owner makes a key for the organization, and sees its applications', async () => {
  await enterAcme(page, server)
  await at('/orgs/acme/applications')
  await look(page, 'org-applications')
  await at('/orgs/acme/api-keys')
  await look(page, 'org-keys')
  await at('/orgs/acme/api-keys/new')
  await look(page, 'org-key-new')
  await page.locator('input[name=label]').fill('Nightly report')
  await page.getByLabel('org:read').first().check()
  await page.locator('#key-save').click()
  const key = await page.locator('#key-value').inputValue()
  saw(key.trim())
  await look(page, 'org-key-made')
  const answer = await fetch(`${server.issuer}/api/v1/me`, { headers: { authorization: `Basic ${btoa(`${key.trim()}:`)}` } })
  assert.equal((await answer.json()).organization, 'acme')
})
