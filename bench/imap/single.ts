import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, timesAtMost } from '../bar.ts'
import { spread } from '../sample.ts'
import type { ImapLine } from '../imap-line.ts'
import { alternately } from './alternately.ts'
import { withLine } from './peer.ts'
import { inTurn, mediansOf, row, type Workload } from './workload.ts'

/** Of each, in a round. */
const asked = 1000
/** Before anything is measured, as of a server that has been running for a while: compiled, with its memory at hand. */
const askedBefore = 1500

const items = [
  { what: 'one BODY[]', item: 'BODY.PEEK[]' },
  { what: 'one ENVELOPE', item: 'ENVELOPE' },
  { what: 'the first 4 KB of one', item: 'BODY.PEEK[]<0.4096>' },
]

export const single: Workload = {
  name: 'single',
  about: 'one message after another, as somebody reads',
  server: 'warm',
  async run(scene, add) {
    const peers = scene.dovecot === undefined ? [scene.ours] : [scene.ours, scene.dovecot]
    for (const { what, item } of items) {
      const timed = async (line: ImapLine, turn: number) => (await line.ok(of(turn))).totalMs
      const of = (turn: number) => `FETCH ${1 + ((turn * 37) % 900)} (${item})`
      for (const peer of peers)
        await withLine(peer, async (line) => {
          for (let turn = 0; turn < askedBefore; turn++) await line.ok(of(turn))
        })
      const rounds: Record<'p50' | 'p95' | 'p99', number>[][] = peers.map(() => [])
      for (let round = 0; round < scene.rounds; round++)
        for (const [at, times] of (await alternately(peers, asked, timed)).entries())
          rounds[at]?.push(spread(times))
      const medians = mediansOf(rounds[0] ?? [], rounds[1] ?? [])
      add(row(medians, 'p50', { what: `${what}, p50`, unit: 'ms', bar: timesAtMost(1) }))
      add(row(medians, 'p95', { what: `${what}, p95`, unit: 'ms' }))
      add(row(medians, 'p99', { what: `${what}, p99`, unit: 'ms', bar: timesAtMost(1) }))
    }
  },
}

const changes = 30
/** Changes of people, not of a flood, which IDLE tells ten times a second. */
const betweenMs = 150

export const notice: Workload = {
  name: 'notice',
  about: 'how soon a connection in IDLE hears of a change by another one',
  server: 'warm',
  async run(scene, add) {
    const medians = await inTurn(
      scene,
      1,
      async (peer) =>
        await withLine(
          peer,
          async (listener) =>
            await withLine(peer, async (line) => {
              await listener.idle()
              const times: number[] = []
              // Dovecot waits half a second each time.
              for (let turn = 0; turn < (peer.name === 'Postern' ? changes : 10); turn++) {
                await sleep(betweenMs)
                const heard = listener.waitFor(/^\* \d+ FETCH /)
                const startedAt = performance.now()
                // Each message gets the flag and loses it.
                await line.ok(
                  `STORE ${1 + Math.floor(turn / 2)} ${turn % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Answered)`,
                )
                await heard
                times.push(performance.now() - startedAt)
              }
              return spread(times)
            }),
        ),
    )
    add(row(medians, 'p50', { what: 'a local change seen in IDLE, p50', unit: 'ms', bar: atMost(5) }))
  },
}
