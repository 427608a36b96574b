import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { demoUser, withServe } from '../serve.ts'
import { atGmail, faultsMet, oneAccount, password, quick, settled, tryUntil } from './bridge.ts'
import { Cut, Dialog } from './dialog.ts'
import { Inspector, inspected } from './inspector.ts'
import { Restarts } from './restarts.ts'

const limit = { timeout: 240_000 }
const patienceMs = 3 * 60_000

function letter(name: string, to: string): string {
  return [
    `From: ${demoUser}`,
    `To: ${to}`,
    `Subject: ${name}`,
    'Date: Tue, 24 Nov 2026 10:00:00 +0000',
    `Message-ID: <${name}@faults.test>`,
    '',
    `This is ${name}.`,
    '',
  ].join('\r\n')
}

/** Submits up to the end of DATA: the answer is read by whoever wants it. */
async function submitted({ smtps }: Ready, name: string, to: string): Promise<Dialog> {
  assert.ok(smtps)
  const client = await Dialog.open(smtps, 'tls')
  const ask = async (line: string, wanted: RegExp) => {
    client.say(`${line}\r\n`)
    const answer = await client.until(/^\d{3} [^\r]*\r\n/m)
    assert.match(answer, wanted)
  }
  await ask('EHLO faults.test', /^250 /m)
  await ask(`AUTH PLAIN ${Buffer.from(`\0${demoUser}\0${password}`).toString('base64')}`, /^235 /m)
  await ask(`MAIL FROM:<${demoUser}>`, /^250 /m)
  await ask(`RCPT TO:<${to}>`, /^250 /m)
  await ask('DATA', /^354 /m)
  client.say(`${letter(name, to)}.\r\n`)
  return client
}

/** As a mail program does: the same message again until somebody takes it. `hurry` is called when it must wait. */
async function sendUntilTaken(restarts: Restarts, name: string, to: string, hurry: () => Promise<void>) {
  await tryUntil(async () => {
    let client: Dialog | undefined
    try {
      client = await submitted(await restarts.ready(), name, to)
      const answer = await client.until(/^\d{3} [^\r]*\r\n/m)
      if (answer.startsWith('250 ')) return true
      // An end in doubt must never look final.
      assert.match(answer, /^4\d\d /)
      await hurry()
      return false
    } catch (error) {
      if (!(error instanceof Cut)) throw error
      return false
    } finally {
      client?.close()
    }
  })
}

/** How often each mail has arrived. */
async function arrived(google: Ready): Promise<Map<string, number>> {
  const { peer } = google.simulator
  const mails = await atGmail(google, peer.user)
  const subjects = new Map<string, number>()
  for (const { id } of mails) {
    const url = `${google.simulator.url}/gmail/v1/users/me/messages/${id}?format=metadata&metadataHeaders=Subject`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${peer.token}` } })
    const { payload } = (await answer.json()) as { payload: { headers: { value: string }[] } }
    const subject = payload.headers[0]?.value ?? ''
    subjects.set(subject, (subjects.get(subject) ?? 0) + 1)
  }
  return subjects
}

test(
  'kills amid sending, at any moment: a message that is sent again until it is taken arrives once',
  limit,
  () =>
    withServe(
      oneAccount,
      async (served) => {
        const { google, ready } = served
        const to = google.simulator.peer.user
        await settled(ready)
        const restarts = new Restarts(served)
        const hurry = async () => {
          // The two minutes for which nobody knows what became of it pass by the clock on the wall.
          using inspector = await Inspector.open(await restarts.running())
          await inspector.setClock(patienceMs)
        }
        try {
          const names: string[] = []
          for (let n = 0; n < 10; n++) {
            const name = `kill-${n}`
            names.push(name)
            // Before it reaches Gmail, while Gmail has it, after Gmail has done it, and at any moment.
            if (n % 4 === 1) await control(google, 'fault', { method: 'messages.send', delayMs: 300 })
            if (n % 4 === 2)
              await control(google, 'fault', { method: 'messages.send', drop: true, when: 'after' })
            const client = await submitted(await restarts.ready(), name, to)
            if (n % 4 === 1 || n % 4 === 2) await faultsMet(google)
            if (n % 4 === 3) await sleep(Math.random() * 30)
            await restarts.kill()
            client.close()
            await control(google, 'clearFaults')
            await sendUntilTaken(restarts, name, to, hurry)
          }
          const found = await arrived(google)
          assert.deepEqual(
            names.map((name) => [name, found.get(name)]),
            names.map((name) => [name, 1]),
          )
        } finally {
          await restarts.end()
        }
      },
      { settings: { ...quick, ...inspected } },
    ),
)

test('answers of Gmail that are lost: 250 only when it was sent, and never twice', limit, () =>
  withServe(
    oneAccount,
    async (served) => {
      const { google, ready } = served
      const to = google.simulator.peer.user
      await settled(ready)
      const restarts = new Restarts(served)
      const names = ['cut-after', 'failed-after', 'refused', 'busy']
      const faults = [
        { drop: true, when: 'after' },
        { status: 503, when: 'after' },
        { status: 429, reason: 'rateLimitExceeded' },
        { status: 403, reason: 'userRateLimitExceeded' },
      ]
      for (const [n, name] of names.entries()) {
        await control(google, 'fault', { method: 'messages.send', ...faults[n] })
        await sendUntilTaken(restarts, name, to, async () => {})
        await control(google, 'clearFaults')
      }
      const found = await arrived(google)
      assert.deepEqual(
        names.map((name) => [name, found.get(name)]),
        names.map((name) => [name, 1]),
      )
    },
    { settings: quick },
  ),
)
