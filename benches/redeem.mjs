// Redeems codes made just before (they live a minute), counting only the redemptions; prints `rate p50 p99 seconds cpu`.
// wrk cannot do it: it runs for a time, not until its codes are used up.
import { readFileSync } from 'node:fs'
import { bench } from './flow.mjs'
import { drive, percentile } from './driver.mjs'

const [readyFile, count, ...pids] = process.argv.slice(2)
const { port, host, codes, tokens, redemption } = await bench(readyFile)

if (count === 'ceiling') {
  let left = 50_000
  const request = `GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  report(await drive({ port, connections: 32, next: () => (left-- > 0 ? request : undefined), seen: () => {} }), [])
} else {
  const requests = (await codes(Number(count))).map(redemption)
  const before = pids.map(ticks)
  const run = await tokens(requests)
  report(run, pids.map((pid, i) => ticks(pid) - before[i]))
}

function report({ latencies, seconds }, used) {
  const rate = Math.round(latencies.length / seconds)
  const cpu = used.map((spent) => Math.round(spent / seconds))
  console.log([rate, percentile(latencies, 0.5).toFixed(2), percentile(latencies, 0.99).toFixed(2), ...cpu].join(' '))
}

// A process's user and system time in hundredths of a second, so that ticks a second read as per cent of a core.
function ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return Number(fields[11]) + Number(fields[12])
}
