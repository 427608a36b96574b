/**
 * Runs inside the measured server (`node --import`), where alone it can be known how long the event loop is held and what
 * memory is left after a collection. Answers on loopback, at the port that it writes into the file POSTERN_BENCH_PROBE.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Profile } from './hot-spots.ts'
import { Strides } from './strides.ts'

const file = process.env['POSTERN_BENCH_PROBE']
if (file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: object) => void
  let since = performance.eventLoopUtilization()
  let cpu = process.cpuUsage()
  const profile = new Profile()
  const strides = new Strides()
  const answers: Record<string, () => object | Promise<object>> = {
    '/collect': () => {
      // V8 keeps pages for what may come; so it gives them back, as it does when memory runs short.
      for (let turn = 0; turn < 2; turn++)
        collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      const { heapUsed, external } = process.memoryUsage()
      return { liveBytes: heapUsed + external }
    },
    '/begin': () => {
      delays.enable()
      delays.reset()
      strides.begin()
      since = performance.eventLoopUtilization()
      cpu = process.cpuUsage()
      return {}
    },
    '/end': () => {
      const { active } = performance.eventLoopUtilization(since)
      const { user, system } = process.cpuUsage(cpu)
      delays.disable()
      return {
        longestMs: delays.max / 1e6,
        longestCpuMs: strides.end(),
        busyMs: active,
        cpuMs: (user + system) / 1000,
      }
    },
    '/profile': async () => {
      await profile.start()
      return {}
    },
    '/profiled': async () => await profile.stop(),
  }
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(404)
    void Promise.resolve(answer?.() ?? {}).then((value) => response.end(JSON.stringify(value)))
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) writeFileSync(file, String(address.port))
  })
  // The server ends when Postern does.
  server.unref()
}
