import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { Shell } from './completion.ts'
import { cacheCompiledCode } from './compile-cache.ts'
import { readConfig } from './settings.ts'
import { version } from './version.ts'

interface Common {
  readonly json?: boolean
}

/** The command line. Every command is loaded when it is called, so that none waits for what it does not need. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    process.loadEnvFile?.('.env')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      complain(`.env cannot be read: ${(error as Error).message}`)
  }
  try {
    // Its options are sendmail's, not ours.
    if (argv[2] === 'sendmail' && !argv.includes('--help'))
      return await (await import('./sendmail.ts')).sendmail(argv.slice(3))
    await commandLine().parseAsync([...argv])
  } catch (error) {
    if (error instanceof Error && forPeople.has(error.name)) complain(error.message)
    else throw error
  }
}

const afterHelp = `
To begin:
  postern demo                         a Gmail to try it with
  postern serve                        then open http://127.0.0.1:8025
  postern account add you@gmail.com    or connect an account from here
  postern doctor                       when something does not work

Variables are explained in .env.example and in man postern. Every command has --help.
It ends with 0 when all went well, else with 1 and a line that says what to do.`

/** Errors whose message says what happened and what to do; anything else is our bug and comes with its stack. By name, so that no room is loaded for it. */
const forPeople = new Set([
  'Complaint',
  'SettingError',
  'KeyError',
  'StoreError',
  'SealError',
  'CertificateError',
  'AccountsFileError',
  'AdminPasswordError',
  'ConsentError',
  'PasswordError',
  'UidMapError',
])

function complain(message: string): void {
  process.stderr.write(`postern: ${message}\n`)
  process.exitCode = 1
}

/** Every command with its options: what is parsed, completed and described in the manual. */
export function commandLine(): Command {
  const postern = new Command('postern')
    .description('Use Gmail from any IMAP, POP3 or SMTP mail client, through the Gmail REST API.')
    .version(version())
    .showHelpAfterError('Run postern --help to see what there is.')
    .addHelpText('after', afterHelp)

  postern
    .command('demo')
    .description('try it: a simulated Gmail, the bridge and one account, nothing to configure')
    .addOption(mailOption())
    .addOption(quotaOption())
    .addOption(latencyOption())
    .addOption(dataOption('keep everything in this folder (else a temporary one, removed at the end)'))
    .addOption(jsonOption())
    .action(async (options: DemoOptions) => (await import('./demo.ts')).demo(options))

  postern
    .command('simulator')
    .description('the simulated Gmail alone')
    .option('--port <port>', 'port to listen on (else any free one)', wholeNumber(0, 65_535))
    .addOption(mailOption())
    .addOption(quotaOption())
    .addOption(latencyOption())
    .addOption(dataOption('keep its mail in this folder (else in memory)'))
    .addOption(jsonOption())
    .action(async (options: DemoOptions & { port?: number }) =>
      (await import('./simulator.ts')).simulator(options),
    )

  postern
    .command('serve')
    .description('the bridge, configured by the environment (.env.example explains every variable)')
    .addOption(jsonOption())
    .action(async (options: Common) => {
      cacheCompiledCode(readConfig(process.env).dataDir)
      await (await import('./serve.ts')).serve(options)
    })

  const account = postern.command('account').description('the Gmail accounts that are connected')
  account
    .command('add')
    .argument('[email]', 'whose mailbox; Google asks when left out')
    .addOption(
      new Option('--access <tier>', 'what Postern may do in it')
        .choices(['send', 'read', 'modify', 'full'])
        .default('modify'),
    )
    .description('connect an account: prints an address to open in a browser and waits for the consent')
    .action(async (email: string | undefined, options: { access: AccessTier }) =>
      (await import('./account.ts')).addAccount(email, options.access),
    )
  account
    .command('list')
    .description('the accounts and how far they are')
    .addOption(jsonOption())
    .action(async (options: Common) => (await import('./account.ts')).listAccounts(options))
  account
    .command('remove')
    .argument('<email>')
    .description('forget an account, its grant, passwords and cached mail; nothing changes at Gmail')
    .action(async (email: string) => (await import('./account.ts')).removeAccount(email))

  const password = postern.command('password').description('passwords for mail clients')
  password
    .command('add')
    .argument('<email>')
    .option('--name <name>', 'which device or program it is for')
    .option('--allow <doors>', 'imap,pop3,smtp: what it opens (all when left out)')
    .option('--read-only', 'nothing can be changed with it')
    .option('--no-delete', 'nothing can be deleted with it, nor moved to Trash or Spam')
    .option('--from <source...>', 'good only from these addresses or networks: 192.0.2.7, 2001:db8::/32')
    .option('--mailbox <name...>', 'only these mailboxes can be seen')
    .option('--hide <capability...>', 'IMAP capabilities that its program trips over, such as X-GM-EXT-1')
    .option('--expires <days>', 'ends after this many days', wholeNumber(1, 36_500))
    .description('make a password; it is shown once')
    .action(async (email: string, options: PasswordOptions) =>
      (await import('./password.ts')).addPassword(email, options),
    )
  password
    .command('list')
    .argument('<email>')
    .addOption(jsonOption())
    .description('the passwords of an account, without the passwords')
    .action(async (email: string, options: Common) =>
      (await import('./password.ts')).listPasswords(email, options),
    )
  password
    .command('remove')
    .argument('<email>')
    .argument('<name>')
    .description('revoke a password')
    .action(async (email: string, name: string) =>
      (await import('./password.ts')).removePassword(email, name),
    )

  postern
    .command('sendmail')
    .argument('[recipients...]')
    .option('-t', 'recipients are in To, Cc and Bcc')
    .option('-i', 'a line with a dot alone does not end the message')
    .option('-f <address>', 'which account sends')
    .description('send the message on standard input, for cron and scripts')
  const store = postern.command('store').description('the index on disk; for when Postern does not run')
  store
    .command('check')
    .description('look for damage; changes nothing')
    .action(async () => (await import('./store.ts')).checkStore())
  store
    .command('repair')
    .description('make a new store of what can be read of a damaged one, and keep the old file')
    .action(async () => (await import('./store.ts')).repairStore())
  store
    .command('export')
    .description('print which UID is which message, as JSON lines: a small backup')
    .action(async () => (await import('./store.ts')).exportStore())
  store
    .command('import')
    .argument('<file>', 'what export has printed; - for standard input')
    .description('take it up into a new store, before the first sync')
    .action(async (file: string) => (await import('./store.ts')).importStore(file))

  postern
    .command('settings')
    .argument('[client]', 'outlook, thunderbird, mbsync …; without it: which there are')
    .option('--account <email>', 'for this mailbox')
    .description('how a mail program is set up with this Postern')
    .action(async (client: string | undefined, options: { account?: string }) =>
      (await import('./client-settings.ts')).clientSettings(client, options.account),
    )

  postern
    .command('status')
    .description('where each account stands; ends with 1 when one needs you')
    .addOption(jsonOption())
    .action(async (options: Common) => (await import('./status.ts')).status(options))

  const logs = postern.command('logs').description('what Postern has written down')
  logs
    .command('show')
    .description('the last lines of the log of the Postern that runs')
    .action(async () => (await import('./logs/bundle.ts')).showLog())
  logs
    .command('bundle')
    .option('--output <file>', 'where to write it, - for standard output (else a new file here)')
    .description('one file for a bug report, without addresses, subjects, tokens or mail')
    .action(async (options: { output?: string }) => (await import('./logs/bundle.ts')).bundle(options))

  postern
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('print completion for a shell: eval "$(postern completion bash)"')
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.ts')
      process.stdout.write(completionScript(shell, postern))
    })

  postern
    .command('doctor')
    .description('check configuration, ports, certificate, store, Google and grants, and say what to do')
    .addOption(jsonOption())
    .action(async (options: Common) => (await import('./doctor/doctor.ts')).doctor(options))
  return postern
}

export type AccessTier = 'send' | 'read' | 'modify' | 'full'

export interface DemoOptions extends Common {
  readonly mail?: string
  readonly quota?: number
  readonly latency?: number
  readonly data?: string
}

export interface PasswordOptions {
  readonly name?: string
  readonly allow?: string
  readonly readOnly?: boolean
  /** False after --no-delete. */
  readonly delete?: boolean
  readonly from?: readonly string[]
  readonly mailbox?: readonly string[]
  readonly hide?: readonly string[]
  readonly expires?: number
}

function mailOption(): Option {
  return new Option(
    '--mail <dir>',
    'fill the mailbox with every .eml file under this folder; a subfolder is a label, the rest is INBOX',
  )
}

function quotaOption(): Option {
  return new Option(
    '--quota <units>',
    'quota units a minute that the simulated Gmail grants, 0 for no limit',
  ).argParser(wholeNumber(0, 1_000_000_000))
}

function latencyOption(): Option {
  return new Option('--latency <ms>', 'how long the simulated Gmail takes to answer').argParser(
    wholeNumber(0, 60_000),
  )
}

function dataOption(about: string): Option {
  return new Option('--data <dir>', about)
}

function jsonOption(): Option {
  return new Option('--json', 'answer in JSON, for programs')
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
    return value
  }
}
