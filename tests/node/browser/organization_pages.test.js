// The pages of an organization, as its owner sees them, and as nobody else does.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { enterAcme, signInHere } from '../support/acme.js'
import { element, look, person, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'

const { organization } = ID
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

const at = (path) => page.goto(`${server.issuer}${path}`)
const said = () => page.getByRole('main').innerText()

test('an owner finds members, teams, single sign-on, the audit log and settings', async () => {
  await enterAcme(page, server)
  await look(page, 'org-overview')
  await at('/orgs/acme/teams')
  await look(page, 'org-teams-none')
  await element(page, organization.teamName).fill('Platform and Developer Experience')
  await element(page, organization.createTeam).click()
  await page.waitForURL((url) => url.pathname !== '/orgs/acme/teams' || url.search !== '')
  for (const [path, name] of [
    ['/members', 'org-members'],
    ['/members/invite', 'org-invite'],
    ['/teams', 'org-teams'],
    ['/sso', 'org-sso'],
    ['/sso?kind=another', 'org-sso-kinds'],
    ['/sso/disable', 'org-sso-disable'],
    ['/audit', 'org-audit'],
    ['/settings', 'org-settings'],
  ]) {
    const answer = await at(`/orgs/acme${path}`)
    assert.equal(answer.status(), 200, path)
    await look(page, name)
  }
})

// C70.
test('whoever is no member learns nothing of an organization, and is no worse off than with an unknown name', async () => {
  const { slug } = await server.command('org', 'create', 'Hidden', '--slug', 'hidden', '--owner', server.administrator.login)
  await signInHere(page, server, server.user)
  const [hidden, unknown] = [await at(`/orgs/${slug}`), await at('/orgs/no-such')]
  assert.deepEqual([hidden.status(), unknown.status()], [404, 404])
  assert.doesNotMatch(await said(), /hidden/i)
})
