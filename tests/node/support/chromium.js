// Chromium as a person uses it, with an ear on everything a page should not do.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { ID } from './elements.js'
import { DATABASE } from './grantor.js'
import { saw, sawIn, sawInForm, sawInHeaders } from './secrets.js'

const SCREENSHOTS = process.env.GRANTOR_TEST_SCREENSHOTS ?? fileURLToPath(new URL('../../../target/screenshots', import.meta.url))
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export const startChromium = () =>
  chromium.launch({ executablePath: process.env.GRANTOR_TEST_CHROMIUM ?? '/usr/bin/chromium', args: QUIET, timeout: 120_000 })

/**
 * One person's browser: cookies of their own. `complaints()` lists console errors, refusals by a content security policy,
 * script errors, and requests to any origin but the server's and those in `friends`.
 */
export async function person(browser, { issuer }, { friends = [], javaScript = true } = {}) {
  const context = await browser.newContext({ javaScriptEnabled: javaScript, reducedMotion: 'reduce' })
  // Long enough for two busy cores: nothing waits for it but a failure.
  context.setDefaultTimeout(60_000)
  const complaints = []
  const known = new Set([issuer, ...friends].map((url) => new URL(url).origin))
  const heard = []
  context.on('response', (response) => heard.push(listen(response)))
  context.on('request', (request) => {
    const url = new URL(request.url())
    sawIn(request.url())
    sawInForm(request.postData() ?? '')
    if (/^https?:$/.test(url.protocol) && !known.has(url.origin)) complaints.push(`a request to ${url.href}`)
  })
  context.on('console', (message) => {
    // Chromium reports the status of an error page itself in the console: that is the page's true answer.
    const ownStatus = /status of 4\d\d/.test(message.text()) && message.location().url === message.page()?.url()
    if (['error', 'warning'].includes(message.type()) && !ownStatus) complaints.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => complaints.push(`script error: ${error.error()}`))
  return {
    newPage: () => context.newPage(),
    complaints: () => complaints,
    async leave() {
      for (const { value } of await context.cookies()) saw(value)
      await Promise.all(heard)
      await context.close()
      assert.deepEqual(complaints, [])
    },
  }
}

/** Secrets of an answer; a redirect and a page that was left have no body to read. */
async function listen(response) {
  const headers = await response.headersArray().catch(() => [])
  sawInHeaders(headers.map(({ name, value }) => [name, value]))
  sawIn(await response.text().catch(() => ''))
}

export const element = (page, id) => page.locator(`[id="${id}"]`)

export async function signIn(page, { login, password }) {
  await element(page, ID.username).fill(login)
  await element(page, ID.password).fill(password)
  await element(page, ID.signIn).click()
}

/** Looks at a page wide and narrow, light and dark: accessible, nothing cut off, a screenshot of each. */
export async function look(page, name) {
  const folder = join(SCREENSHOTS, DATABASE)
  await mkdir(folder, { recursive: true })
  await page.waitForLoadState()
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 844 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide at ${width}`)
      assert.deepEqual(await violations(page), [], `${name} at ${width} px, ${colorScheme}`)
    }
  }
}

async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
export async function tabTo(page, id) {
  for (let pressed = 0; pressed < 120; pressed += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.id === wanted, id)) return
  }
  throw new Error(`no way to #${id} by keyboard`)
}
