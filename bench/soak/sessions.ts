import { setTimeout as sleep } from 'node:timers/promises'
import { Cut, Dialog } from '#test/faults/dialog.ts'
import type { Ready } from '#test/postern.ts'
import { changes } from './changes.ts'
import type { Ground } from './ground.ts'
import { password } from './ground.ts'
import type { Person } from './person.ts'
import { retrieves } from './pop.ts'
import { reads } from './reads.ts'
import { sends } from './sends.ts'

/** What one session does while it is connected; it ends by Cut or when the soak is over. */
type Work = (ground: Ground, person: Person, bridge: Ready) => Promise<void>

/** One account has one of each of the first three, which change things; the rest of its sessions read. */
const roles: readonly Work[] = [changes, retrieves, sends, reads]

/** Session number so and so of all: account after account gets one of each role. */
export async function session(ground: Ground, number: number): Promise<void> {
  const { people, restarts, isOver, timings } = ground
  const person = people[number % people.length]
  const work = roles[Math.floor(number / people.length)] ?? reads
  if (person === undefined) return
  // Not all at once.
  await sleep(number * 20)
  while (!isOver())
    try {
      await work(ground, person, await restarts.ready())
    } catch (error) {
      if (!(error instanceof Cut)) throw error
      timings.cut++
      // As mail programs do.
      await sleep(100 + Math.random() * 400)
    }
}

/** Logged in. Throws Cut. */
export function imap({ timings }: Ground, { address }: Person, { imap: door }: Ready): Promise<Dialog> {
  let client: Dialog | undefined
  return timings
    .measure('IMAP LOGIN', async () => {
      client = await Dialog.imap(door, address, password)
      return 'a OK'
    })
    .then(() => client as Dialog)
}

/** A person looks before the next click. */
export function think(): Promise<void> {
  return sleep(100 + Math.random() * 900)
}
