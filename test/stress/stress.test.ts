import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk, type Desk } from '../clients/desk.ts'
import { Random } from './random.ts'
import { Tester, type Seen } from './tester.ts'

/** Another one, to look for what this one does not find: `STRESS_SEED=7 STRESS_STEPS=1000 node --test test/stress/stress.test.ts`. */
const seed = Number(process.env['STRESS_SEED'] ?? 20261125)
const steps = Number(process.env['STRESS_STEPS'] ?? 60)
const enablings = ['ENABLE QRESYNC', 'ENABLE CONDSTORE', 'NOOP', 'NOOP', 'ENABLE QRESYNC']
const mailboxes = ['INBOX', 'Work'] as const

const letters = Array.from(
  { length: 12 },
  (_, n) => `Subject: ${n}\r\nMessage-ID: <${n}@stress.test>\r\n\r\n${n}\r\n`,
)

test(`clients that do anything on one account, with Google's own changes between, believe the same in the end (seed ${seed})`, async () => {
  await using desk = await openDesk(letters.map((text, n) => [n % 3 === 0 ? 'Work' : 'INBOX', text] as const))
  const testers: Tester[] = []
  try {
    for (const [n, enabling] of enablings.entries())
      testers.push(await Tester.enter(desk.ready, new Random(seed + n), enabling))
    await Promise.all([
      ...testers.map(async (tester) => {
        for (let step = 0; step < steps; step++) await tester.act()
      }),
      meddle(desk, new Random(seed - 1)),
    ])
    for (const mailbox of mailboxes) await agree(desk, testers, mailbox)
  } finally {
    for (const tester of testers) tester.leave()
  }
})

/** What happens at Google meanwhile. */
async function meddle(desk: Desk, random: Random): Promise<void> {
  for (let step = 0; step < steps / 4; step++) {
    const messages = await desk.atGmail()
    const one = messages[random.below(messages.length)]
    if (one === undefined || random.below(3) === 0)
      await desk.deliver(
        `Subject: meddled ${step}\r\n\r\n${step}\r\n`,
        random.pick([['INBOX', 'UNREAD'], ['Work']]),
      )
    else {
      const label = random.pick(['UNREAD', 'STARRED', 'INBOX', 'Work'])
      await desk.relabel(one.id, random.below(2) === 0 ? { add: [label] } : { remove: [label] })
    }
  }
}

/** All see in a mailbox the same UIDs, messages and flags, and of these just what Gmail has. */
async function agree(
  desk: Desk,
  testers: readonly Tester[],
  mailbox: (typeof mailboxes)[number],
): Promise<void> {
  const end = performance.now() + 60_000
  for (;;) {
    const views = await Promise.all(testers.map((tester) => tester.look(mailbox)))
    const truth = (await desk.atGmail())
      .filter(({ labels }) => labels.includes(mailbox) && !labels.includes('TRASH'))
      .map(({ id, labels }) => `${id} ${!labels.includes('UNREAD')} ${labels.includes('STARRED')}`)
      .toSorted()
    const isLate = performance.now() > end
    if (isLate) assert.deepEqual(asGmail(views[0] ?? []), truth, mailbox)
    if (isLate) for (const view of views) assert.deepEqual(view, views[0], mailbox)
    const first = JSON.stringify(views[0])
    if (
      asGmail(views[0] ?? []).join() === truth.join() &&
      views.every((view) => JSON.stringify(view) === first)
    )
      return
  }
}

function asGmail(view: readonly Seen[]): string[] {
  return view
    .map(
      ({ id, flags }) => `${id} ${flags.includes(String.raw`\Seen`)} ${flags.includes(String.raw`\Flagged`)}`,
    )
    .toSorted()
}
