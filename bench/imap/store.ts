import { timesAtMost } from '../bar.ts'
import type { ImapLine } from '../imap-line.ts'
import { spread } from '../sample.ts'
import { alternately } from './alternately.ts'
import { mark } from './marks.ts'
import { withLine, type Peer } from './peer.ts'
import { rows, took } from './took.ts'
import { mediansOf, row, type Scene, type Workload } from './workload.ts'

const many = 1000
/** Of each, in a round. */
const ones = 400
const manies = 10
/** Before anything is measured, as of a server that has been running for a while. */
const roundsBefore = 1

export const store: Workload = {
  name: 'store',
  about: 'flags of one message',
  server: 'warm',
  async run(scene, add) {
    const turns = Math.min(3, scene.rounds)
    const asked = await rounds(scene, turns, (peers) => storeOnes(peers, '\\Flagged'))
    // Means, since of the calls to Gmail no more is known.
    for (const one of rows(asked, 'mean', 'local', 'STORE one, a flag of Gmail, mean')) add(one)
    add(row(asked, 'p99', { what: 'STORE one, a flag of Gmail, p99, whole', unit: 'ms' }))
    const kept = await rounds(scene, turns, (peers) => storeOnes(peers, '\\Answered'))
    const what = 'STORE one, a flag that Gmail lacks'
    add(row(kept, 'p50', { what: `${what}, p50`, unit: 'ms', bar: timesAtMost(2) }))
    add(row(kept, 'p99', { what: `${what}, p99`, unit: 'ms', bar: timesAtMost(2) }))
  },
}

export const storeMany: Workload = {
  name: 'store-1000',
  about: 'flags of a thousand messages in one command',
  server: 'warm',
  async run(scene, add) {
    for (const [flag, where] of [
      ['\\Flagged', 'a flag of Gmail'],
      ['\\Answered', 'a flag that Gmail lacks'],
    ] as const) {
      const medians = await rounds(scene, scene.rounds, (peers) => storeManies(peers, flag))
      if (flag === '\\Flagged')
        for (const peer of peersOf(scene)) await withLine(peer, (line) => mark(line, many))
      for (const one of rows(medians, 'silent', 'silentLocal', `STORE ${many} .SILENT, ${where}`)) add(one)
      for (const one of rows(medians, 'told', 'toldLocal', `STORE ${many} with answers, ${where}`)) add(one)
    }
  },
}

function peersOf({ ours, dovecot }: Scene): Peer[] {
  return dovecot === undefined ? [ours] : [ours, dovecot]
}

/** Figures of each server, round by round. */
async function rounds<Key extends string>(
  scene: Scene,
  count: number,
  measure: (peers: readonly Peer[]) => Promise<Record<Key, number>[]>,
) {
  const peers = peersOf(scene)
  const figures: Record<Key, number>[][] = peers.map(() => [])
  for (let round = -roundsBefore; round < count; round++)
    for (const [at, one] of (await measure(peers)).entries()) if (round >= 0) figures[at]?.push(one)
  return mediansOf(figures[0] ?? [], figures[1] ?? [])
}

async function storeOnes(peers: readonly Peer[], flag: string) {
  const before = await Promise.all(peers.map((peer) => peer.awayMs()))
  const all = await alternately(peers, ones, async (line, turn) => {
    // Each message gets the flag and loses it.
    const number = 1 + Math.floor(turn / 2) * 5
    return (await line.ok(`STORE ${number} ${turn % 2 === 0 ? '+' : '-'}FLAGS (${flag})`)).totalMs
  })
  const away = await Promise.all(peers.map((peer) => peer.awayMs()))
  return all.map((times, at) => {
    const each = ((away[at] ?? 0) - (before[at] ?? 0)) / ones
    const mean = times.reduce((sum, ms) => sum + ms, 0) / ones
    return { ...spread(times), mean, local: Math.max(0, mean - each) }
  })
}

async function storeManies(peers: readonly Peer[], flag: string) {
  const one = async (line: ImapLine, _: number, peer: Peer) => {
    const silent = await took(peer, () => line.ok(`STORE 1:${many} +FLAGS.SILENT (${flag})`))
    const told = await took(peer, () => line.ok(`STORE 1:${many} -FLAGS (${flag})`))
    return { silent: silent.whole, silentLocal: silent.local, told: told.whole, toldLocal: told.local }
  }
  const all = await alternately(peers, manies, one, 1)
  return all.map((times) => mediansOf(times, []).ours)
}
