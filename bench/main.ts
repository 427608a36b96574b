import { Options } from './options.ts'

/** A measurement by its name; loaded when it is wanted. */
interface Bench {
  readonly about: string
  run(options: Options): Promise<void>
}

const benches = new Map<string, Bench>([
  [
    'quota',
    {
      about: 'units spent at Gmail for each job, beside the least that is possible',
      run: async (options) => (await import('./quota.ts')).quota(options),
    },
  ],
  [
    'imap',
    {
      about: 'speed and memory of the IMAP door, beside a Dovecot where one is installed (imap --help)',
      run: async (options) => {
        const { imap, imapUsage } = await import('./imap.ts')
        if (options.text('help') !== undefined)
          console.log(`npm run bench -- imap [OPTION …]\n\n${imapUsage}`)
        else await imap(options)
      },
    },
  ],
  [
    'pop',
    {
      about: 'speed of the POP3 door, beside a Dovecot where one is installed',
      run: async (options) => (await import('./pop.ts')).pop(options),
    },
  ],
  [
    'smtp',
    {
      about: 'mails a second through the SMTP door into the simulated Gmail',
      run: async (options) => (await import('./smtp.ts')).smtp(options),
    },
  ],
  [
    'silence',
    {
      about: 'pauses in a long FETCH of what nobody has read yet, under the real quota',
      run: async (options) => (await import('./silence.ts')).silence(options),
    },
  ],
  [
    'soak',
    {
      about: 'many accounts, faults and kills for some minutes; then everything is compared with Gmail',
      run: async (options) => (await import('./soak.ts')).soak(options),
    },
  ],
  [
    'storm',
    {
      about: 'a power cut, and everybody comes back at once: how long a login takes then',
      run: async (options) => (await import('./storm.ts')).storm(options),
    },
  ],
  [
    'start',
    {
      about: 'from the start of the process to listening',
      run: async (options) => (await import('./start.ts')).start(options),
    },
  ],
])

const [wanted = '', ...rest] = process.argv.slice(2)
const options = new Options(
  new Map(
    rest.flatMap((argument): [string, string][] => {
      const found = /^--([a-z-]+)(?:=(.*))?$/.exec(argument)
      return found === null ? [] : [[found[1] ?? '', found[2] ?? 'yes']]
    }),
  ),
)
const bench = benches.get(wanted)
if (bench === undefined) {
  console.log('npm run bench -- NAME [--option=value …]\n')
  for (const [name, { about }] of benches) console.log(`  ${name.padEnd(8)}${about}`)
  process.exitCode = wanted === '' || wanted === '--help' ? 0 : 1
} else
  try {
    await bench.run(options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
