import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import { kinds } from './person.ts'

/** What Google does wrong, in turn. */
const faults = [
  { status: 429, reason: 'rateLimitExceeded', count: 5 },
  { status: 500, count: 5 },
  { drop: true, when: 'before', count: 3 },
  { drop: true, when: 'after', count: 3 },
  { method: 'messages.send', drop: true, when: 'after', count: 1 },
  { method: 'messages.insert', drop: true, when: 'after', count: 1 },
  { method: 'messages.modify', status: 503, when: 'after', count: 2 },
] as const

/** Each account has so much from the beginning. */
export async function furnish(ground: Ground, each: number): Promise<void> {
  for (let n = 0; n < each * kinds.length; n++)
    await Promise.all(ground.people.map((_, index) => deliver(ground, index, n)))
}

async function deliver({ google, people }: Ground, index: number, n: number): Promise<void> {
  const person = people[index]
  const kind = kinds[n % kinds.length]
  if (person === undefined || kind === undefined) return
  const text = `Subject: ${kind} ${n}\n\nThis is number ${n}.\n${'All work and no play.\n'.repeat(50)}`
  const { id } = await control(google, 'deliver', { account: person.address, text })
  person.deliver(kind, String(id))
}

/** Mail arrives, and Google fails now and then. */
export async function world(ground: Ground, tell: { delivered: number; faults: number }): Promise<void> {
  const { google, people, isOver } = ground
  for (let round = 0; !isOver(); round++) {
    await deliver(ground, Math.floor(Math.random() * people.length), Math.floor(Math.random() * kinds.length))
    tell.delivered++
    if (round % 20 === 19) {
      await control(google, 'fault', faults[((round / 20 - 0.95) % faults.length) | 0])
      tell.faults++
    }
    if (round % 60 === 59)
      await control(google, 'expireHistory', { account: people[round % people.length]?.address })
    await sleep(150)
  }
}
