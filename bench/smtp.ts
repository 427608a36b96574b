import { performance } from 'node:perf_hooks'
import { createTransport } from 'nodemailer'
import { startPostern } from '#test/postern.ts'
import type { Options } from './options.ts'

/**
 * Sends per second into the simulator with its quota lifted, through STARTTLS, each mail with two commits on disk before its 250.
 * Options: `--mails=500 --kilobytes=20 --connections=1,4,8`.
 */
export async function smtp(options: Options): Promise<void> {
  const mails = options.number('mails', 500)
  const kilobytes = options.number('kilobytes', 20)
  const connections = (options.text('connections') ?? '1,4,8').split(',').map(Number)
  const running = await startPostern(['demo', '--quota', '0'], { POSTERN_QUOTA_PER_MINUTE: '10000000' })
  try {
    const { smtp: door, account, simulator } = running.ready
    if (door === undefined) throw new Error('This Postern has no SMTP door')
    for (const count of connections) {
      const transport = createTransport({
        ...door,
        pool: true,
        maxConnections: count,
        maxMessages: Infinity,
        requireTLS: true,
        tls: { rejectUnauthorized: false },
        auth: { user: account.user, pass: account.password },
      })
      const send = (subject: string) =>
        transport.sendMail({
          from: account.user,
          to: simulator.peer.user,
          subject,
          text: 'All work and no play makes Jack a dull boy.\n'.repeat((kilobytes * 1024) / 44),
        })
      await Promise.all(Array.from({ length: count }, (_, n) => send(`warm ${n}`)))
      const times: number[] = []
      const startedAt = performance.now()
      let next = 0
      const worker = async () => {
        while (next < mails) {
          const at = performance.now()
          await send(`mail ${next++} over ${count}`)
          times.push(performance.now() - at)
        }
      }
      await Promise.all(Array.from({ length: count }, worker))
      const seconds = (performance.now() - startedAt) / 1000
      transport.close()
      const sorted = times.toSorted((a, b) => a - b)
      const median = sorted[Math.floor(sorted.length / 2)] ?? 0
      const late = sorted[Math.floor(sorted.length * 0.99)] ?? 0
      console.log(
        `${count} connections: ${(mails / seconds).toFixed(0)} mails/s of ${kilobytes} kB, median ${median.toFixed(1)} ms, 99th of a hundred ${late.toFixed(1)} ms`,
      )
    }
  } finally {
    await running.stop()
  }
}
