import { setTimeout as sleep } from 'node:timers/promises'
import { Inspector } from '#test/faults/inspector.ts'
import { eventually, total } from '#test/operations/figures.ts'
import { control, withFolder } from '#test/postern.ts'
import type { Options } from './options.ts'
import type { Ground } from './soak/ground.ts'
import { openGround } from './soak/ground.ts'
import { judgeHeap, quietHeap, watchHeap } from './soak/heap.ts'
import { sendTheRest } from './soak/sends.ts'
import { session } from './soak/sessions.ts'
import { Timings } from './soak/timings.ts'
import { findings } from './soak/verdict.ts'
import { furnish, world } from './soak/world.ts'

/** In this share of the time the bridge is killed and restarted; the rest of it shows what one process does in the long run. */
const restartsUntil = 0.45
const restartEveryMs = 6000
/** After so long a message that was never found again may be sent again. */
const doubtMs = 3 * 60_000

/** Many accounts and sessions, deliveries, faults, kills and restarts for minutes; then everything is compared with Gmail. */
export async function soak(options: Options): Promise<void> {
  const minutes = options.number('minutes', 3)
  const accounts = options.number('accounts', 50)
  const sessions = options.number('sessions', 4 * accounts)
  await withFolder(async (dir) => {
    const opened = await openGround(dir, accounts)
    try {
      const timings = new Timings()
      let endsAt = Infinity
      const ground: Ground = { ...opened, timings, isOver: () => performance.now() > endsAt }
      await furnish(ground, 3)
      await allLive(ground)
      const began = performance.now()
      endsAt = began + minutes * 60_000
      const tell = { delivered: 0, faults: 0, kills: 0, stops: 0 }
      const [growing] = await Promise.all([
        restart(ground, began + restartsUntil * minutes * 60_000, tell).then(() => watchHeap(ground)),
        world(ground, tell),
        ...Array.from({ length: sessions }, (_, number) => session(ground, number)),
      ])
      await control(opened.google, 'clearFaults')
      const inDoubt = await finishSending(ground)
      await allLive(ground)
      console.log(
        `${accounts} accounts, ${sessions} sessions, ${minutes} minutes: ${tell.delivered} deliveries, ${tell.faults} faults, ${tell.kills} kills, ${tell.stops} restarts, ${timings.cut} sessions cut, ${inDoubt} sends in doubt`,
      )
      timings.print()
      const wrong = [...growing, ...(await findings(ground, await opened.restarts.ready()))]
      const after = await quietHeap(ground)
      await opened.restarts.stop()
      await allLive(ground)
      wrong.push(...judgeHeap(after, await quietHeap(ground)))
      console.log(
        wrong.length === 0
          ? 'nothing lost, nothing doubled: every flag, message and send is as it was acknowledged'
          : `WRONG (${wrong.length}):\n${wrong.slice(0, 30).join('\n')}`,
      )
      if (wrong.length > 0) process.exitCode = 1
    } finally {
      await opened.close()
    }
  })
}

/** Every third time as an operator does it, else as a power cut. */
async function restart(
  { restarts }: Ground,
  until: number,
  tell: { kills: number; stops: number },
): Promise<void> {
  for (let turn = 1; performance.now() < until; turn++) {
    await sleep(restartEveryMs * (0.5 + Math.random()))
    if (turn % 3 === 0) {
      const { process: ended, log } = await restarts.running()
      if ((await restarts.stop()) !== 0) {
        const { exitCode, signalCode } = ended
        throw new Error(`SIGTERM ended with ${exitCode ?? signalCode}:\n${log().slice(-5000)}`)
      }
      tell.stops++
    } else {
      await restarts.kill()
      tell.kills++
    }
  }
}

/** What is in doubt is sent again when the doubt may end; gives how many these were. */
async function finishSending(ground: Ground): Promise<number> {
  const { people, restarts } = ground
  const doubts = () =>
    people.flatMap(({ sends }) => [...sends.values()]).filter(({ state }) => state !== 'taken').length
  const count = doubts()
  using inspector = await Inspector.open(await restarts.running())
  await inspector.setClock(doubtMs)
  const bridge = await restarts.ready()
  for (const person of people) await sendTheRest(ground, person, bridge)
  await inspector.setClock(0)
  if (doubts() > 0) console.log(`${doubts()} sends are still in doubt`)
  return count
}

async function allLive({ restarts, people }: Ground): Promise<void> {
  await eventually(
    await restarts.ready(),
    (all) =>
      total(all, 'postern_accounts', 'live') === people.length &&
      total(all, 'postern_hydration_left_messages') === 0,
  )
}
