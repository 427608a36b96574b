import { timesAtLeast, timesAtMost, type Bar } from '../bar.ts'
import { selected, withLine, type Peer } from './peer.ts'
import { inTurn, row, type Scene, type Workload } from './workload.ts'

/** Before what is quick is measured, as of a server that has been running for a while: compiled. */
const askedBefore = 10
const loginsBefore = 100

/** Answers about every message at once. */
interface Answer {
  readonly what: string
  readonly items: string
  /** Of a body the octets count, else the messages. */
  readonly unit: 'messages/s' | 'MB/s'
  readonly secure?: boolean
  readonly bar: Bar
  readonly aim?: Bar
}

export const wholeBody = 'BODY.PEEK[]'
export const headerFields = 'BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID)]'
export const envelope = 'RFC822.SIZE FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE'

const answers: readonly Answer[] = [
  { what: 'FLAGS of all', items: 'FLAGS', unit: 'messages/s', bar: timesAtLeast(1), aim: timesAtLeast(3) },
  {
    what: 'SIZE FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE of all',
    items: envelope,
    unit: 'messages/s',
    bar: timesAtLeast(1),
    aim: timesAtLeast(3),
  },
  {
    what: 'HEADER.FIELDS (6) of all',
    items: headerFields,
    unit: 'messages/s',
    bar: timesAtLeast(0.5),
    aim: timesAtLeast(1),
  },
  { what: 'BODY[] of all, from memory', items: wholeBody, unit: 'MB/s', bar: timesAtLeast(1) },
  {
    what: 'BODY[] of all over TLS, from memory',
    items: wholeBody,
    unit: 'MB/s',
    secure: true,
    bar: timesAtLeast(2),
  },
]

export const login: Workload = {
  name: 'login',
  about: 'connect, LOGIN and SELECT',
  server: 'warm',
  async run(scene, add) {
    await inTurn(scene, loginsBefore, timedLogin)
    const medians = await inTurn(scene, scene.rounds * 4, timedLogin)
    add(row(medians, 'ms', { what: 'connect + LOGIN + SELECT', unit: 'ms', bar: timesAtMost(1) }))
  },
}

async function timedLogin(peer: Peer): Promise<{ ms: number }> {
  const startedAt = performance.now()
  const line = await selected(peer)
  const ms = performance.now() - startedAt
  line.close()
  return { ms }
}

export const bulk: Workload = {
  name: 'bulk',
  about: 'flags, envelopes, header fields and bodies of all messages in one answer, over TLS too',
  server: 'warm',
  async run(scene, add) {
    for (const answer of answers) {
      if (answer.unit === 'messages/s') await askBefore(scene, answer)
      add(await measured(scene, answer))
    }
  },
}

/** Bodies that must be read, unsealed and decompressed first. */
export const disk: Workload = {
  name: 'disk',
  about:
    'bodies of all messages from disk: by a process that has just begun, and with the settings that people have',
  server: 'ordinary',
  async run(scene, add) {
    const what = 'BODY[] of all, from our disk cache (64 MB of memory)'
    const body = { items: wholeBody, unit: 'MB/s', bar: timesAtLeast(1) } as const
    add(await measured(scene, { what, ...body }))
    const begun = async () => await scene.bridge.restart()
    add(await measured(scene, { what: 'BODY[] of all, by a process just begun', ...body }, begun))
  },
}

async function askBefore({ ours, dovecot }: Scene, { items }: Answer): Promise<void> {
  for (const peer of dovecot === undefined ? [ours] : [ours, dovecot])
    await withLine(peer, async (line) => {
      for (let turn = 0; turn < askedBefore; turn++) await line.ok(`FETCH 1:* (${items})`)
    })
}

/** `before` is done to us alone, before each round. */
async function measured(
  scene: Scene,
  { items, unit, secure = false, ...more }: Answer,
  before?: () => Promise<void>,
) {
  const speed = async (peer: Peer) => {
    if (peer === scene.ours) await before?.()
    return await withLine(
      peer,
      async (line) => {
        const { totalMs, bytes, untagged } = await line.ok(`FETCH 1:* (${items})`)
        return { speed: unit === 'MB/s' ? bytes / 1000 / totalMs : (untagged / totalMs) * 1000 }
      },
      secure,
    )
  }
  return row(await inTurn(scene, scene.rounds, speed), 'speed', { unit, ...more })
}
