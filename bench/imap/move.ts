import { withLine } from './peer.ts'
import { rows, took } from './took.ts'
import { inTurn, type Workload } from './workload.ts'

const many = 1000

export const move: Workload = {
  name: 'move',
  about: 'a thousand messages copied, moved and expunged',
  server: 'warm',
  async run(scene, add) {
    const medians = await inTurn(
      scene,
      Math.min(3, scene.rounds),
      async (peer) =>
        await withLine(peer, async (line) => {
          for (const name of ['BenchA', 'BenchB']) await line.ok(`CREATE ${name}`)
          const copy = await took(peer, () => line.ok(`COPY 1:${many} BenchA`))
          await line.ok('SELECT BenchA')
          const moved = await took(peer, () => line.ok(`MOVE 1:${many} BenchB`))
          await line.ok('SELECT BenchB')
          await line.ok(`STORE 1:${many} +FLAGS.SILENT (\\Deleted)`)
          const expunge = await took(peer, () => line.ok('EXPUNGE'))
          await line.ok('UNSELECT')
          for (const name of ['BenchA', 'BenchB']) await line.ok(`DELETE ${name}`)
          return {
            copy: copy.whole,
            copyLocal: copy.local,
            move: moved.whole,
            moveLocal: moved.local,
            expunge: expunge.whole,
            expungeLocal: expunge.local,
          }
        }),
    )
    for (const one of rows(medians, 'copy', 'copyLocal', `COPY ${many}`)) add(one)
    for (const one of rows(medians, 'move', 'moveLocal', `MOVE ${many}`)) add(one)
    for (const one of rows(medians, 'expunge', 'expungeLocal', `EXPUNGE ${many}`)) add(one)
  },
}
