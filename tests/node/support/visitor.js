// A person with a browser that has no JavaScript: cookies, links, forms, and redirects that stay on the server.
import assert from 'node:assert/strict'
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { ID } from './elements.js'
import { formWith } from './forms.js'
import { sawIn, sawInForm, sawInHeaders } from './secrets.js'

export class Visitor {
  #cookies = new Map()

  /** `ca` is what the browser trusts besides the usual authorities. */
  constructor(issuer, { ca } = {}) {
    this.issuer = issuer
    this.ca = ca
  }

  /** Opens an address; follows redirects on the server and stops at the first that leaves it. */
  async open(url) {
    let answer = await this.#send('GET', new URL(url, `${this.issuer}/`))
    for (let hops = 0; answer.location?.origin === new URL(this.issuer).origin; hops++) {
      assert.ok(hops < 10, `too many redirects, last to ${answer.location}`)
      assert.ok([302, 303].includes(answer.status), `a redirect with status ${answer.status} may repeat a POST`)
      answer = await this.#send('GET', answer.location)
    }
    return answer
  }

  /** Presses the button `id` of a page after typing `values` (by element name). */
  async press(page, id, values = {}) {
    const form = formWith(page.html, id)
    assert.ok(form, `no form with #${id} on ${page.url} (status ${page.status}):\n${page.html.slice(0, 2000)}`)
    const sent = new URLSearchParams([...form.fields.filter(([name]) => !(name in values)), ...Object.entries(values)])
    const target = new URL(form.action, page.url)
    if (form.method === 'GET') return this.open(`${target.origin}${target.pathname}?${sent}`)
    const answer = await this.#send('POST', target, sent.toString())
    return answer.location?.origin === new URL(this.issuer).origin ? this.open(answer.location) : answer
  }

  /**
   * Signs in where asked and answers the consent page where asked, until the server sends the browser to the client: the
   * address it is sent to, or with `response_mode=form_post` the request the client gets.
   */
  async authorize(url, user, button = ID.allow) {
    let page = await this.open(url)
    if (formWith(page.html, ID.signIn)) page = await this.signIn(page, user)
    if (formWith(page.html, button)) page = await this.press(page, button)
    const posted = formWith(page.html, ID.formPost)
    if (posted) return new Request(posted.action, { method: posted.method, body: new URLSearchParams(posted.fields) })
    assert.ok(page.location, `the server did not send the browser to the client: ${page.status} at ${page.url}\n${page.html.slice(0, 2000)}`)
    return page.location
  }

  signIn(page, { login, password }) {
    return this.press(page, ID.signIn, { [ID.username]: login, [ID.password]: password })
  }

  /** The Cookie header of this browser. */
  cookies() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #send(method, url, body) {
    const headers = {
      accept: 'text/html',
      cookie: this.cookies(),
      'sec-fetch-site': method === 'POST' ? 'same-origin' : 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), origin: new URL(this.issuer).origin }),
    }
    if (headers.cookie === '') delete headers.cookie
    if (body !== undefined) sawInForm(body)
    return new Promise((resolve, reject) => {
      const request = url.protocol === 'https:' ? secure : plain
      const call = request(url, { method, headers, ca: this.ca }, (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
        response.on('end', () => {
          this.#keep(response.headers['set-cookie'] ?? [])
          const location = response.headers.location === undefined ? undefined : new URL(response.headers.location, url)
          const html = Buffer.concat(chunks).toString()
          sawInHeaders(pairs(response.rawHeaders))
          sawIn(html)
          resolve({ url: url.href, status: response.statusCode, headers: response.headers, location, html })
        })
      })
      call.on('error', reject).end(body)
    })
  }

  #keep(lines) {
    for (const line of lines) {
      const [pair, ...rest] = line.split(';').map((part) => part.trim())
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const gone = rest.some((part) => /^max-age=(0|-\d+)$/i.test(part) || (/^expires=/i.test(part) && Date.parse(part.slice(8)) <= Date.now()))
      if (gone) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
  }
}

/** Names and values of raw headers. */
const pairs = (raw) => raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1]]] : []))
