import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import type { MessageKey } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { never, openHouse, prepareGround, silence } from './testing/house.ts'
import type { TestGround } from './testing/house.ts'
import { assertTruth, caughtUp } from './testing/truth.ts'

const victim = join(import.meta.dirname, 'testing/victim.ts')
/** Each life ends after so many calls to Gmail: in the beginning, in the listing, in between, while messages are read. */
const lives = [1, 9, 2, 3, 1, 2, 4, 12, 40]
/** The last one ends when all is listed, whatever was read by then: polls come when they come, but only then. */
const lastPolls = 3

/** UIDs by mailbox and message, with the UIDVALIDITY, as the file has them, and the phase. */
async function readDisk(dir: string): Promise<{ uids: Map<string, number>; phase: string }> {
  const seal = createSeal(Buffer.alloc(32, 7))
  const store = await openSqliteStore({ path: join(dir, 'store.db'), seal, clock: systemClock, log: silence })
  const found = new Map<string, number>()
  let phase = 'unsynced'
  for (const { id } of await store.accounts()) {
    const part = store.account(id)
    phase = (await part.sync()).phase
    for (const mailbox of await part.mailboxes()) {
      const { uids, keys } = await part.snapshot(mailbox.id, 1, 1_000_000)
      const rows = await part.messagesByKey([...keys] as MessageKey[])
      const seen = new Set<string>()
      for (const [index, key] of [...keys].entries()) {
        const messageId = rows.get(key as MessageKey)?.messageId
        assert.ok(messageId !== undefined && !seen.has(messageId), 'no message is in a mailbox twice')
        seen.add(messageId)
        found.set(`${mailbox.labelId} ${mailbox.uidValidity} ${messageId}`, uids[index] as number)
      }
    }
  }
  await store.close()
  return { uids: found, phase }
}

interface Spent {
  readonly calls: number
  readonly methods: Readonly<Record<string, { readonly calls: number } | undefined>>
}

/** Runs the victim and kills it when the calls that it has made are enough. */
async function liveUntil(ground: TestGround, isEnough: (spent: Spent) => boolean): Promise<void> {
  const { dir, gmailUrl, refreshToken, clientId, clientSecret } = ground
  const argument = JSON.stringify({ dir, gmailUrl, refreshToken, clientId, clientSecret })
  await ground.control.do('reset')
  const child = spawn(process.execPath, [victim, argument], { stdio: 'inherit' })
  const exited = once(child, 'exit')
  while (child.exitCode === null && !isEnough(await ground.control.do<Spent>('ledger')));
  child.kill('SIGKILL')
  await exited
  assert.equal(child.exitCode, null, 'it did not end by itself')
}

test(
  'killed at many points, it goes on: no UID changes, nobody is there twice or lost',
  { timeout: 240_000 },
  async (t) => {
    const mail = await mkdtemp(join(tmpdir(), 'postern-kill-mail-'))
    t.after(() => rm(mail, { recursive: true, force: true }))
    for (const [folder, count] of [
      ['', 120],
      ['Work', 40],
      ['STARRED', 20],
      ['TRASH', 10],
    ] as const) {
      await mkdir(join(mail, folder), { recursive: true })
      for (let n = 0; n < count; n++)
        await writeFile(join(mail, folder, `${1000 + n}.eml`), `Subject: ${folder} ${n}\r\n\r\nText.\r\n`)
    }
    const ground = await prepareGround(t, { mail })
    const { control } = ground
    await control.do('latency', { ms: 15 })

    let before = new Map<string, number>()
    const phases = new Set<string>()
    const live = async (isEnough: (spent: Spent) => boolean) => {
      await liveUntil(ground, isEnough)
      const { uids, phase } = await readDisk(ground.dir)
      for (const [place, uid] of before) assert.equal(uids.get(place), uid, `UID of ${place}`)
      before = uids
      phases.add(phase)
    }
    for (const [n, calls] of lives.entries()) {
      await live((spent) => spent.calls >= calls)
      if (n >= lives.length / 2) await control.deliver(`while it was dead ${n}`)
    }
    await live(({ methods }) => (methods['history.list']?.calls ?? 0) >= lastPolls)
    assert.ok(phases.has('listing') && phases.has('live'), [...phases].join())
    await control.do('latency', { ms: 0 })
    const house = await openHouse(ground, { prefetch: 'all' })
    await house.until(({ phase, messages, hydrated }) => phase === 'live' && hydrated === messages)
    await caughtUp(house, control)
    await assertTruth(house, control)
    const { keys } = await house.snapshot('[Gmail]/All Mail')
    let bodies = 0
    for await (const batch of house.account.mailstore.bodies([...keys] as MessageKey[], never))
      bodies += batch.filter(({ bytes }) => bytes.length > 0).length
    assert.equal(bodies, keys.length)
  },
)
