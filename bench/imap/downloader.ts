/**
 * A process of its own that reads all of INBOX again and again until it is ended, so that whoever measures is not busy with it.
 * Tells how many octets have come, again and again.
 */
import { withLine, type Peer } from './peer.ts'

const tellEveryMs = 50

const peer = JSON.parse(process.argv[2] ?? '') as Omit<Peer, 'awayMs' | 'calm'>
await withLine({ ...peer, awayMs: () => Promise.resolve(0), calm: () => Promise.resolve() }, async (line) => {
  const first = line.waitFor(/FETCH/)
  let reading = line.ok('FETCH 1:* (BODY.PEEK[])')
  await first
  console.log(line.bytesRead)
  setInterval(() => console.log(line.bytesRead), tellEveryMs)
  for (;;) {
    await reading
    reading = line.ok('FETCH 1:* (BODY.PEEK[])')
  }
})
