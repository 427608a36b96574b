const benches = {
  quota: 'units spent at Gmail for each job, beside the least that is possible',
  imap: 'speed and memory of the IMAP door, beside a Dovecot where one is installed',
  pop: 'speed of the POP3 door, beside a Dovecot where one is installed',
  smtp: 'mails a second through the SMTP door into the simulated Gmail',
  silence: 'pauses in a long FETCH of what nobody has read yet, under the real quota',
  soak: 'many accounts, faults and kills for some minutes; then everything is compared with Gmail',
  start: 'from the start of the process to listening',
} as const

const wanted = process.argv[2] ?? ''
const options = new Map(
  process.argv.slice(3).flatMap((argument): [string, string][] => {
    const found = /^--([a-z-]+)(?:=(.*))?$/.exec(argument)
    return found === null ? [] : [[found[1] ?? '', found[2] ?? 'yes']]
  }),
)

if (wanted === 'quota') await (await import('./quota.ts')).quota(options)
else if (wanted === 'imap') await (await import('./imap.ts')).imap(options)
else if (wanted === 'pop') await (await import('./pop.ts')).pop(options)
else if (wanted === 'smtp') await (await import('./smtp.ts')).smtp(options)
else if (wanted === 'silence') await (await import('./silence.ts')).silence(options)
else if (wanted === 'soak') await (await import('./soak.ts')).soak(options)
else if (wanted === 'start') await (await import('./start.ts')).start(options)
else {
  console.log('npm run bench -- NAME [--option=value …]\n')
  for (const [name, about] of Object.entries(benches)) console.log(`  ${name.padEnd(8)}${about}`)
  process.exitCode = wanted === '' ? 0 : 1
}
