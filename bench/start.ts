import { connect } from 'node:net'
import { once } from 'node:events'
import { startPostern, withFolder } from '#test/postern.ts'
import type { Options } from './options.ts'

/** Prints how long `postern serve` takes from the start of the process until it listens and greets. */
export async function start(options: Options): Promise<void> {
  const rounds = options.number('rounds', 5)
  const times: number[] = []
  await withFolder(async (dir) => {
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now()
      const running = await startPostern(['serve'], { POSTERN_DATA_DIR: dir })
      const socket = connect(running.ready.imap)
      await once(socket, 'data')
      times.push(performance.now() - startedAt)
      socket.destroy()
      await running.stop()
    }
  })
  const sorted = times.toSorted((a, b) => a - b)
  console.log(
    `start to greeting: median ${sorted[Math.floor(rounds / 2)]?.toFixed(0)} ms, best ${sorted[0]?.toFixed(0)} ms, first ${times[0]?.toFixed(0)} ms (makes key and certificate)`,
  )
}
