// Reads just enough HTML to press a button as a browser without JavaScript would.

/**
 * The form that holds the element `id`: where it goes and what it sends when that button is pressed.
 * Returns undefined when the page has no such form.
 */
export function formWith(html, id) {
  for (const [text, open] of html.matchAll(/(<form\b[^>]*>)[\s\S]*?<\/form>/gi)) {
    const controls = [...text.matchAll(/<(input|button|select|textarea)\b[^>]*>/gi)].map(([tag, kind]) => ({ kind: kind.toLowerCase(), ...attributes(tag) }))
    const pressed = controls.find((control) => control.id === id)
    if (pressed === undefined) continue
    const fields = controls.filter((control) => control.name !== undefined && (control === pressed || isSent(control)))
    const { action = '', method = 'get' } = attributes(open)
    return {
      action: pressed.formaction ?? action,
      method: (pressed.formmethod ?? method).toUpperCase(),
      fields: fields.map((control) => [control.name, control.value ?? (control.type === 'checkbox' ? 'on' : '')]),
    }
  }
}

function isSent({ kind, type = kind === 'button' ? 'submit' : 'text', checked, disabled }) {
  if (disabled !== undefined || ['submit', 'button', 'image', 'reset'].includes(type)) return false
  return ['checkbox', 'radio'].includes(type) ? checked !== undefined : true
}

function attributes(tag) {
  const inside = tag.replace(/^<\w+/, '').replace(/\/?>$/, '')
  const pairs = [...inside.matchAll(/([^\s"'=<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)]
  return Object.fromEntries(pairs.map(([, name, double, single, bare]) => [name.toLowerCase(), unescape(double ?? single ?? bare ?? '')]))
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescape(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : (NAMED[name] ?? whole),
  )
}
