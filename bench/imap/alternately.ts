import { selected, type Peer } from './peer.ts'
import type { ImapLine } from '../imap-line.ts'

/**
 * So many of one server, then of the other: a machine that others use is now slow and now quick, and wakes up slowly when it
 * had nothing to do, for longer than a round takes.
 */
const block = 50

/** Asks each server `count` times, in blocks by turns, on a connection that stays; what each asking told, for each server. */
export async function alternately<Told>(
  peers: readonly Peer[],
  count: number,
  ask: (line: ImapLine, turn: number, peer: Peer) => Promise<Told>,
  blockSize = block,
): Promise<Told[][]> {
  const lines = await Promise.all(peers.map((peer) => selected(peer)))
  for (const peer of peers) await peer.calm()
  const told: Told[][] = peers.map(() => [])
  for (let from = 0; from < count; from += blockSize)
    for (const [at, line] of lines.entries())
      for (let turn = from; turn < Math.min(count, from + blockSize); turn++)
        told[at]?.push(await ask(line, turn, peers[at] as Peer))
  for (const line of lines) line.close()
  return told
}
