import { setTimeout as sleep } from 'node:timers/promises'
import { Cut, Dialog } from '#test/faults/dialog.ts'
import { withFolder } from '#test/postern.ts'
import { figure } from './figure.ts'
import type { Options } from './options.ts'
import { quantile } from './sample.ts'
import { openGround, password } from './soak/ground.ts'
import { Timings } from './soak/timings.ts'
import { furnish } from './soak/world.ts'

/** What one client went through until it was in. */
interface Return {
  /** Since the house said that it is ready. */
  readonly inMs: number
  readonly selectedMs: number
  /** How often it was sent away. */
  readonly cut: number
}

/** Everybody comes back at the same moment after a power cut: how long each waits until it is in, and until it sees its mail. */
export async function storm(options: Options): Promise<void> {
  const accounts = options.number('accounts', 50)
  const sessions = options.number('sessions', 4 * accounts)
  const rounds = options.number('rounds', 3)
  await withFolder(async (dir) => {
    const opened = await openGround(dir, accounts)
    try {
      const { people, restarts } = opened
      await furnish({ ...opened, timings: new Timings(), isOver: () => false }, 3)
      await sleep(3000)
      console.log(
        `${accounts} accounts, ${sessions} sessions come back at once; milliseconds since the house was ready again`,
      )
      for (let round = 0; round < rounds; round++) {
        const startedAt = performance.now()
        await restarts.kill()
        const { imap: door } = await restarts.ready()
        const readyAt = performance.now()
        const returns = await Promise.all(
          Array.from({ length: sessions }, async (_, number): Promise<Return> => {
            const address = people[number % accounts]?.address ?? ''
            for (let cut = 0; ; cut++)
              try {
                const client = await Dialog.imap(door, address, password)
                const inMs = performance.now() - readyAt
                await client.command('SELECT INBOX')
                const selectedMs = performance.now() - readyAt
                client.close()
                return { inMs, selectedMs, cut }
              } catch (error) {
                if (!(error instanceof Cut)) throw error
                if (options.text('why') !== undefined) console.log(`    ${error.message.trim()}`)
                await sleep(100 + Math.random() * 400)
              }
          }),
        )
        console.log(
          [
            `start ${figure(readyAt - startedAt)}`,
            line(
              'in',
              returns.map(({ inMs }) => inMs),
            ),
            line(
              'INBOX open',
              returns.map(({ selectedMs }) => selectedMs),
            ),
            `sent away ${returns.reduce((sum, { cut }) => sum + cut, 0)} times`,
          ].join('; '),
        )
      }
    } finally {
      await opened.close()
    }
  })
}

function line(what: string, times: readonly number[]): string {
  return `${what} p50 ${figure(quantile(times, 0.5))}, p99 ${figure(quantile(times, 0.99))}`
}
