import { timesAtLeast } from '../bar.ts'
import { withLine } from './peer.ts'
import { took } from './took.ts'
import { inTurn, row, type Workload } from './workload.ts'

export const append: Workload = {
  name: 'append',
  about: 'messages of 20 KB put in, one after another',
  server: 'warm',
  async run(scene, add) {
    const count = 50
    let number = 0
    const medians = await inTurn(
      scene,
      Math.min(3, scene.rounds),
      async (peer) =>
        await withLine(peer, async (line) => {
          await line.ok('CREATE BenchC')
          const { whole, local } = await took(peer, async () => {
            for (let turn = 0; turn < count; turn++) {
              const text = letter(++number)
              await line.ok(`APPEND BenchC (\\Seen) {${text.length}+}\r\n${text}`)
            }
          })
          await line.ok('DELETE BenchC')
          return { whole: (count / whole) * 1000, local: (count / local) * 1000 }
        }),
    )
    add(row(medians, 'whole', { what: 'APPEND 20 KB, whole', unit: '/s' }))
    add(
      row(medians, 'local', {
        what: 'APPEND 20 KB, without the Gmail calls',
        unit: '/s',
        bar: timesAtLeast(0.5),
      }),
    )
  },
}

function letter(number: number): string {
  const head = `From: Ada <ada@example.com>\r\nTo: demo@gmail.test\r\nSubject: letter ${number}\r\nMessage-ID: <append.${number}@example.com>\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n\r\n`
  return head + 'All work and no play makes Jack a dull boy.\r\n'.repeat(20_480 / 45)
}
