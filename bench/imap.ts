import { Ground } from './imap/ground.ts'
import { large } from './imap/large.ts'
import type { Workload } from './imap/workload.ts'
import { workloads } from './imap/workloads.ts'
import type { Options } from './options.ts'
import { Table } from './table.ts'

/** Where the mailbox of another size comes in, which no Dovecot is measured beside. */
const largeName = 'large'

/** What `--help` says of the options. */
export const imapUsage = [
  '  --only=NAME,…      only these workloads:',
  ...workloads.map(({ name, about }) => `      ${name.padEnd(10)}${about}`),
  `      ${largeName.padEnd(10)}SELECT of 100,000 messages`,
  '  --messages=10000   in INBOX, 1000 at least; --median=22000 octets each',
  '  --rounds=5         of each measurement; medians are told',
  '  --seconds=1        of each mixed measurement',
  '  --idle=500         connections in IDLE',
  '  --large=100000     messages of the large mailbox; 0 leaves it out',
  '  --profile          tells of each workload where Postern spent its time',
  '  --json=FILE        keeps the figures; --than=FILE shows those of a run before',
].join('\n')

/**
 * Speed and memory of the IMAP door, beside Dovecot (mdbox, processes reused) on the same messages where one is installed:
 * in turn, medians and ratios, each with its bar of facts/performance.md section D. Throws RangeError for a name that is none.
 */
export async function imap(options: Options): Promise<void> {
  const only = options.words('only')
  const unknown = only?.find((name) => name !== largeName && !workloads.some((one) => one.name === name))
  if (unknown !== undefined) throw new RangeError(`--only: there is no ${unknown}\n${imapUsage}`)
  const wanted = workloads.filter(({ name }) => only?.includes(name) ?? true)
  if (wanted.length > 0) await beside(wanted, options)
  const largeMessages = options.number('large', 100_000)
  if (largeMessages > 0 && (only?.includes(largeName) ?? true)) await large(largeMessages)
}

async function beside(wanted: readonly Workload[], options: Options): Promise<void> {
  const rounds = Math.max(1, options.number('rounds', 5))
  await Ground.with(options, async (ground) => {
    const table = new Table(options.text('than'))
    const run = async (server: Workload['server'], environment: Record<string, string>) => {
      const some = wanted.filter((one) => one.server === server)
      if (some.length === 0) return
      const bridge = await ground.serve(environment)
      try {
        const { messages, dovecot } = ground
        for (const workload of some) {
          table.begin(workload.name)
          await bridge.peer.calm()
          const measured = async () =>
            await workload.run({ ours: bridge.peer, dovecot, bridge, messages, rounds, options }, table.add)
          if (options.text('profile') === undefined) await measured()
          else
            for (const { where, share } of await bridge.profiled(measured))
              console.log(`    ${(share * 100).toFixed(1).padStart(5)}% ${where}`)
        }
      } finally {
        await bridge.stop()
      }
    }
    await run('warm', { POSTERN_CACHE_MEMORY_MB: '2048' })
    await run('ordinary', {})
    table.end()
    const file = options.text('json')
    if (file !== undefined) table.save(file)
  })
}
