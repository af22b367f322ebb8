// A closed loop over keep-alive sockets: each connection sends a request, waits for its answer, sends the next.
// It parses only what it must, so that one core of it outruns one core of the server.
import { connect } from 'node:net'

/**
 * Sends what `next()` returns (whole HTTP/1.1 requests, undefined when there are no more) over `connections` sockets.
 * `seen(status, head, body)` looks at each answer. Returns { seconds, latencies } with latencies in sorted milliseconds.
 */
export async function drive({ port, connections, next, seen }) {
  const latencies = []
  const started = process.hrtime.bigint()
  await Promise.all(Array.from({ length: connections }, () => worker({ port, next, seen, latencies })))
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  return { seconds, latencies: Float64Array.from(latencies).sort() }
}

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

function worker({ port, next, seen, latencies }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    let buffer = ''
    let sent = 0
    const send = () => {
      const request = next()
      if (request === undefined) return socket.end(resolve)
      sent = performance.now()
      socket.write(request)
    }
    socket.on('connect', send).on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection')))
    socket.on('data', (chunk) => {
      buffer += chunk
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = buffer.slice(0, end)
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? NaN)
      if (Number.isNaN(length)) return socket.destroy(new Error(`an answer without Content-Length: ${head}`))
      if (buffer.length < end + 4 + length) return
      latencies.push(performance.now() - sent)
      seen(Number(head.slice(9, 12)), head, buffer.slice(end + 4, end + 4 + length))
      buffer = buffer.slice(end + 4 + length)
      send()
    })
  })
}
