import { homedir } from 'node:os'
import { join } from 'node:path'
import { faultOfPages } from './page-access.ts'

/** A value that cannot be used; the message is one line that names the variable, the fault and an example. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}

/** One environment variable: what it is called, how it is read, what people are told of it. */
interface Setting<T> {
  readonly name: string
  /** Why the text cannot be used is thrown as a plain Error: `must be …`. */
  readonly read: (text: string) => T
  readonly fallback: T
  /** The default as people see it; empty for none. */
  readonly shown: string
  readonly example: string
  readonly about: string
}

export type Port = number | 'off'
export type Prefetch = 'all' | 'recent' | 'off'
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof logLevels)[number]

/** Every variable that Postern reads, in the order in which `.env.example` shows them. design.md section 9. */
export const settings = {
  dataDir: text('POSTERN_DATA_DIR', platformDataDir(), {
    shown: "the platform's data folder",
    example: '/var/lib/postern',
    about: 'Where the index, the message cache, keys and certificates live.',
  }),
  host: text('POSTERN_HOST', '127.0.0.1', {
    example: '127.0.0.1',
    about:
      'Address to listen on. Anything but loopback opens your mail to the network: logins then need TLS (see POSTERN_ALLOW_PLAIN_LOGIN).',
  }),
  imapPort: port('POSTERN_IMAP_PORT', 1143, 'IMAP with STARTTLS.'),
  imapsPort: port('POSTERN_IMAPS_PORT', 1993, 'IMAP with TLS.'),
  pop3Port: port('POSTERN_POP3_PORT', 1110, 'POP3 with STLS.'),
  pop3sPort: port('POSTERN_POP3S_PORT', 1995, 'POP3 with TLS.'),
  smtpPort: port('POSTERN_SMTP_PORT', 1587, 'SMTP submission with STARTTLS.'),
  smtpsPort: port('POSTERN_SMTPS_PORT', 1465, 'SMTP submission with TLS.'),
  webPort: port('POSTERN_WEB_PORT', 8025, 'The pages: connect an account, client passwords.'),
  webHost: setting<string | undefined>('POSTERN_WEB_HOST', undefined, {
    read: (value) => value,
    shown: 'that of POSTERN_HOST',
    example: '127.0.0.1',
    about:
      'Address of the pages, when it is another than that of the mail ports. Beyond loopback they speak TLS and ask for the admin password.',
  }),
  webTls: choice<'auto' | 'on' | 'off'>('POSTERN_WEB_TLS', 'auto', ['auto', 'on', 'off'], {
    about:
      'Whether the pages speak TLS: auto does beyond loopback. off is for a proxy that does it, which POSTERN_WEB_PUBLIC_URL must name.',
  }),
  webPublicUrl: setting<string | undefined>('POSTERN_WEB_PUBLIC_URL', undefined, {
    read: publicUrl,
    shown: 'none',
    example: 'https://postern.example.org',
    about:
      'Where people open the pages when it is by another name, as through a proxy that passes Host on. The admin password is then asked for.',
  }),
  adminPassword: optional(
    'POSTERN_ADMIN_PASSWORD',
    'at least 12 characters',
    'Opens the pages where other machines can reach them. Without it one is made at the first start and shown once.',
  ),
  adminPasswordFile: optional(
    'POSTERN_ADMIN_PASSWORD_FILE',
    '/run/secrets/postern-admin',
    'The same, read from a file.',
  ),
  metricsPort: setting<Port>('POSTERN_METRICS_PORT', 'off', {
    read: readPort,
    shown: '/metrics on the port of the pages',
    example: '9464',
    about:
      'Metrics and probes (/metrics, /healthz, /readyz) on a port of their own, without any login. 0 takes any free port, off serves /metrics with the pages.',
  }),
  metricsHost: setting<string | undefined>('POSTERN_METRICS_HOST', undefined, {
    read: (value) => value,
    shown: 'that of POSTERN_HOST',
    example: '0.0.0.0',
    about: 'Address of that port, where probes come from elsewhere than mail clients do.',
  }),
  metricsAccounts: choice<'on' | 'off'>('POSTERN_METRICS_ACCOUNTS', 'off', ['on', 'off'], {
    about: 'Whether metrics tell accounts apart, by the numbers that postern account list shows.',
  }),
  tlsCert: optional(
    'POSTERN_TLS_CERT',
    '/etc/ssl/postern.crt',
    'Certificate (PEM). Without it Postern issues one itself; the page /trust says how to trust it.',
  ),
  tlsKey: optional('POSTERN_TLS_KEY', '/etc/ssl/postern.key', 'Its private key (PEM).'),
  key: optional(
    'POSTERN_KEY',
    'a long passphrase, or 32 bytes in base64 or hex',
    'Seals grants and mail at rest. Without it a key file is made in the data folder; keep a copy of it.',
  ),
  keyFile: optional('POSTERN_KEY_FILE', '/run/secrets/postern-key', 'The same, read from a file.'),
  databaseUrl: setting<string | undefined>('POSTERN_DATABASE_URL', undefined, {
    read: databaseUrl,
    shown: 'SQLite, in the data folder',
    example: 'postgres://postern:secret@db.example.org/postern?sslmode=verify-full',
    about:
      'A PostgreSQL database (13 or newer) for the index, in its schema postern. The data folder still holds key, certificates and message cache.',
  }),
  accountsFile: optional(
    'POSTERN_ACCOUNTS_FILE',
    '/etc/postern/accounts.json',
    'Accounts, grants and client passwords for running without a browser (docs/operations.md).',
  ),
  googleClientId: optional(
    'GOOGLE_CLIENT_ID',
    '1234567890-abc.apps.googleusercontent.com',
    "Your Google Cloud project's OAuth client of the type Desktop app (README, 'The real Gmail').",
  ),
  googleClientSecret: optional('GOOGLE_CLIENT_SECRET', 'GOCSPX-…', 'Its secret.'),
  gmailApiUrl: url('POSTERN_GMAIL_API_URL', 'https://gmail.googleapis.com', 'The Gmail API.'),
  googleAuthUrl: url(
    'POSTERN_GOOGLE_AUTH_URL',
    'https://accounts.google.com/o/oauth2/v2/auth',
    'Where people consent.',
  ),
  googleTokenUrl: url(
    'POSTERN_GOOGLE_TOKEN_URL',
    'https://oauth2.googleapis.com/token',
    'Where tokens come from.',
  ),
  googleIamUrl: url(
    'POSTERN_GOOGLE_IAM_URL',
    'https://iamcredentials.googleapis.com',
    'Where service accounts without a key file sign (docs/operations.md).',
  ),
  pubsubUrl: url('POSTERN_PUBSUB_URL', 'https://pubsub.googleapis.com', 'Where notices are fetched.'),
  allowHttp: choice<'on' | 'off'>('POSTERN_ALLOW_HTTP', 'off', ['on', 'off'], {
    about:
      'Whether the five addresses above may be http:// on another host than this one. Tokens then cross the network in clear.',
  }),
  pubsubTopic: setting<string | undefined>('POSTERN_PUBSUB_TOPIC', undefined, {
    read: cloudName('topics'),
    shown: 'none',
    example: 'projects/my-project/topics/gmail',
    about:
      "A Pub/Sub topic of the OAuth client's own project, to which Gmail tells of changes (docs/operations.md): new mail shows at once, and Gmail is polled less often.",
  }),
  pubsubSubscription: setting<string | undefined>('POSTERN_PUBSUB_SUBSCRIPTION', undefined, {
    read: cloudName('subscriptions'),
    shown: 'none',
    example: 'projects/my-project/subscriptions/postern',
    about: 'A pull subscription of that topic, for this Postern alone.',
  }),
  pubsubKeyFile: optional(
    'POSTERN_PUBSUB_KEY_FILE',
    '/run/secrets/pubsub.json',
    'Key of the service account that may read the subscription. Without it the identity of this machine is taken.',
  ),
  quotaPerMinute: number(
    'POSTERN_QUOTA_PER_MINUTE',
    6000,
    { min: 60, max: 10_000_000 },
    {
      about:
        "Gmail quota units a minute and user. 6000 for Google projects made since May 2026, 15000 for older ones ('Quotas' in the Cloud console).",
    },
  ),
  prefetch: choice<Prefetch>('POSTERN_PREFETCH', 'all', ['all', 'recent', 'off'], {
    about: 'Which messages are fetched before anybody asks: all of them, the last 30 days, or none.',
  }),
  cacheDiskMb: number(
    'POSTERN_CACHE_DISK_MB',
    2048,
    { min: 0, max: 10_000_000 },
    {
      about: 'Room for message bytes on disk, in MiB (compressed and sealed).',
    },
  ),
  cacheMemoryMb: number(
    'POSTERN_CACHE_MEMORY_MB',
    64,
    { min: 0, max: 1_000_000 },
    {
      about: 'Room for message bytes in memory, in MiB.',
    },
  ),
  pollSeconds: number(
    'POSTERN_POLL_SECONDS',
    5,
    { min: 1, max: 3600 },
    {
      about: 'How often Gmail is asked for news while a client is connected; each time costs 2 units.',
    },
  ),
  mailboxPrefix: text('POSTERN_MAILBOX_PREFIX', '[Gmail]', {
    example: '[Google Mail]',
    about: "The parent of Gmail's own mailboxes: [Gmail]/All Mail and so on.",
  }),
  categories: choice<'on' | 'off'>('POSTERN_CATEGORIES', 'off', ['on', 'off'], {
    about: "Whether Gmail's categories (Promotions, Social …) are shown as mailboxes.",
  }),
  expunge: choice<'account' | 'archive' | 'trash' | 'deleteForever'>(
    'POSTERN_EXPUNGE',
    'account',
    ['account', 'archive', 'trash', 'deleteForever'],
    {
      about:
        "What becomes of a message that IMAP deletes from the last mailbox that shows it: what the account's own IMAP setting at Gmail says, or one of the others.",
    },
  ),
  pop3Delete: choice<'account' | 'leaveInInbox' | 'archive' | 'trash' | 'markRead'>(
    'POSTERN_POP3_DELETE',
    'account',
    ['account', 'leaveInInbox', 'archive', 'trash', 'markRead'],
    {
      about: "What POP3's DELE does: what the account's own POP setting at Gmail says, or one of the others.",
    },
  ),
  pop3Batch: number(
    'POSTERN_POP3_BATCH',
    500,
    { min: 0, max: 10_000_000 },
    {
      about: 'How many messages one POP3 session offers, oldest first; 0 for all.',
    },
  ),
  pop3Once: choice<'on' | 'off'>('POSTERN_POP3_ONCE', 'on', ['on', 'off'], {
    about:
      'Whether a message that POP3 has fetched is offered no more, as Gmail does it. Never with recent:address.',
  }),
  scannerPort: setting<Port>('POSTERN_SCANNER_PORT', 'off', {
    read: readPort,
    example: '2525',
    about:
      'SMTP without TLS for old scanners and printers (docs/scanners.md tells the risk). 0 takes any free port, off none.',
  }),
  scannerHost: text('POSTERN_SCANNER_HOST', '127.0.0.1', {
    example: '192.168.1.2',
    about: 'Address on which scanners find it.',
  }),
  scannerSources: setting<readonly { readonly from: string; readonly account?: string }[]>(
    'POSTERN_SCANNER_SOURCES',
    [],
    {
      read: scannerSources,
      shown: 'none',
      example: '192.168.1.50=scans@example.com,192.168.1.0/28',
      about:
        'Which addresses or networks may use it, separated by commas; with =ACCOUNT they send as that account without a password.',
    },
  ),
  allowPlainLogin: choice<'on' | 'off'>('POSTERN_ALLOW_PLAIN_LOGIN', 'off', ['on', 'off'], {
    about: 'Whether passwords may cross a network that is not loopback without TLS. Leave it off.',
  }),
  hiddenCapabilities: text('POSTERN_HIDE_CAPABILITIES', '', {
    shown: 'none',
    example: 'X-GM-EXT-1 UIDONLY',
    about: 'IMAP capabilities that clients shall not see, separated by spaces.',
  }),
  maxConnections: number(
    'POSTERN_MAX_CONNECTIONS',
    200,
    { min: 1, max: 100_000 },
    { about: 'How many clients may be connected at once, for each of IMAP, POP3 and SMTP.' },
  ),
  maxConnectionsPerAccount: number(
    'POSTERN_MAX_CONNECTIONS_PER_ACCOUNT',
    50,
    { min: 1, max: 100_000 },
    { about: 'How many of them may be logged in to one account. Mail programs keep up to ten each.' },
  ),
  maxConnectionsPerAddress: number(
    'POSTERN_MAX_CONNECTIONS_PER_ADDRESS',
    50,
    { min: 1, max: 100_000 },
    {
      about:
        'How many of them may come from one address. This machine itself is not limited: all its programs share one.',
    },
  ),
  maxConnectionsBeforeLogin: number(
    'POSTERN_MAX_CONNECTIONS_BEFORE_LOGIN',
    50,
    { min: 1, max: 100_000 },
    { about: 'How many of them may not have logged in; one more makes the oldest of them leave.' },
  ),
  loginSeconds: number(
    'POSTERN_LOGIN_SECONDS',
    60,
    { min: 1, max: 86_400 },
    { about: 'How long a client may take to log in, the TLS handshake included.' },
  ),
  imapIdleMinutes: number(
    'POSTERN_IMAP_IDLE_MINUTES',
    30,
    { min: 1, max: 10_080 },
    {
      about:
        'Silence after which an IMAP client is sent away, in IDLE too. RFC 9051 section 5.4 asks for 30 at least.',
    },
  ),
  pop3IdleMinutes: number(
    'POSTERN_POP3_IDLE_MINUTES',
    10,
    { min: 1, max: 10_080 },
    {
      about:
        'Silence after which a POP3 session ends; what it marked stays. RFC 1939 section 3 asks for 10 at least.',
    },
  ),
  smtpIdleMinutes: number(
    'POSTERN_SMTP_IDLE_MINUTES',
    5,
    { min: 1, max: 10_080 },
    {
      about:
        'Silence after which an SMTP client is sent away. RFC 5321 section 4.5.3.2.7 asks for 5 at least.',
    },
  ),
  stalledSeconds: number(
    'POSTERN_STALLED_SECONDS',
    300,
    { min: 1, max: 86_400 },
    { about: 'A client that takes nothing of what it asked for is cut off after so long.' },
  ),
  messageMemoryMb: number(
    'POSTERN_MESSAGE_MEMORY_MB',
    140,
    { min: 1, max: 1_000_000 },
    {
      about:
        'Memory for messages that clients are putting in (IMAP APPEND, SMTP), all together, in MiB; the others wait. A message is 35 MiB at most.',
    },
  ),
  auditLog: text('POSTERN_AUDIT_LOG', 'off', {
    example: '/var/log/postern/audit.log',
    about:
      'Who changed or sent what, as JSON lines apart from the log: off, stderr, or a file. It holds addresses and names of mailboxes, never mail.',
  }),
  traceUrl: setting<string | undefined>('POSTERN_TRACE_URL', undefined, {
    read: readUrl,
    shown: 'none',
    example: 'http://127.0.0.1:4318/v1/traces',
    about:
      'An OpenTelemetry collector (OTLP over HTTP) that is sent a trace of each command and of the calls to Gmail that it caused. Traces hold no mail and no addresses.',
  }),
  traceRatio: setting<number>('POSTERN_TRACE_RATIO', 1, {
    read: ratio,
    example: '0.1',
    about: 'Which share of the traces is sent, from 0 to 1.',
  }),
  traceHeadersFile: optional(
    'POSTERN_TRACE_HEADERS_FILE',
    '/run/secrets/postern-trace-headers',
    'A file of headers for the collector, one Name: value a line, such as Authorization.',
  ),
  logLevel: choice<LogLevel>('POSTERN_LOG_LEVEL', 'info', logLevels, {
    about: 'How much is logged, on standard error.',
  }),
}

/** What the variables say. */
export type Config = { readonly [Key in keyof typeof settings]: (typeof settings)[Key]['fallback'] }

/** Reads every setting. An empty variable is an unset one. Throws SettingError for the first that cannot be used. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const config = Object.entries(settings).map(([key, one]) => {
    const value = environment[one.name]?.trim()
    if (value === undefined || value === '') return [key, one.fallback]
    try {
      return [key, one.read(value)]
    } catch (error) {
      const shown = /KEY$|SECRET|PASSWORD|DATABASE_URL/.test(one.name)
        ? 'the value'
        : JSON.stringify(value.slice(0, 100))
      const example = one.example === '' ? '' : `, for example ${one.name}=${one.example}`
      throw new SettingError(`${one.name}: ${shown} ${(error as Error).message}${example}`)
    }
  })
  const read = Object.fromEntries(config) as Config
  if ((read.tlsCert === undefined) !== (read.tlsKey === undefined))
    throw new SettingError(
      'POSTERN_TLS_CERT and POSTERN_TLS_KEY go together: set both, or neither for one that Postern issues itself',
    )
  if (read.key !== undefined && read.keyFile !== undefined)
    throw new SettingError('POSTERN_KEY and POSTERN_KEY_FILE: set only one of them')
  const fault = read.webPort === 'off' ? undefined : faultOfPages(read)
  if (fault !== undefined) throw new SettingError(fault)
  if (read.allowHttp === 'off')
    for (const key of [
      'gmailApiUrl',
      'googleAuthUrl',
      'googleTokenUrl',
      'googleIamUrl',
      'pubsubUrl',
    ] as const) {
      const { protocol, hostname } = new URL(read[key])
      if (protocol === 'http:' && !loopbackNames.has(hostname))
        throw new SettingError(
          `${settings[key].name}: must begin with https:// since tokens cross it (POSTERN_ALLOW_HTTP=on permits http:// in a test network), for example ${settings[key].name}=${settings[key].example}`,
        )
    }
  if ((read.pubsubTopic === undefined) !== (read.pubsubSubscription === undefined))
    throw new SettingError(
      'POSTERN_PUBSUB_TOPIC and POSTERN_PUBSUB_SUBSCRIPTION go together: set both, or neither',
    )
  const traceFault = faultOfTraces(read)
  if (traceFault !== undefined) throw new SettingError(traceFault)
  return read
}

/** Why the traces cannot be sent so. Undefined: they can. */
function faultOfTraces({ traceUrl, traceHeadersFile, allowHttp }: Config): string | undefined {
  if (traceHeadersFile === undefined) return undefined
  if (traceUrl === undefined) return 'POSTERN_TRACE_HEADERS_FILE does nothing without POSTERN_TRACE_URL'
  const { protocol, hostname } = new URL(traceUrl)
  if (allowHttp === 'on' || protocol === 'https:' || loopbackNames.has(hostname)) return undefined
  return 'POSTERN_TRACE_URL: must begin with https:// since the headers of POSTERN_TRACE_HEADERS_FILE cross it (POSTERN_ALLOW_HTTP=on permits http:// in a test network)'
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

function setting<T>(
  name: string,
  fallback: T,
  more: { read: (text: string) => T; shown?: string; example: string; about: string },
): Setting<T> {
  const shown = more.shown ?? (fallback === undefined ? '' : String(fallback))
  return { name, fallback, read: more.read, shown, example: more.example, about: more.about }
}

function text(name: string, fallback: string, more: { shown?: string; example: string; about: string }) {
  return setting<string>(name, fallback, { ...more, read: (value) => value })
}

function optional(name: string, example: string, about: string) {
  return setting<string | undefined>(name, undefined, { read: (value) => value, example, about })
}

function port(name: string, fallback: number, what: string) {
  return setting<Port>(name, fallback, {
    read: readPort,
    example: String(fallback),
    about: `${what} 0 takes any free port, off none.`,
  })
}

function readPort(value: string): Port {
  if (value.toLowerCase() === 'off') return 'off'
  return whole(value, 0, 65_535, 'is no port: it must be a number from 0 (any free one) to 65535, or off')
}

function scannerSources(value: string): { from: string; account?: string }[] {
  return value.split(',').map((one) => {
    const [from = '', account] = one.split('=').map((word) => word.trim())
    if (from === '') throw new Error('has an empty address')
    return account === undefined || account === '' ? { from } : { from, account }
  })
}

function number(
  name: string,
  fallback: number,
  limits: { min: number; max: number },
  more: { about: string },
) {
  const { min, max } = limits
  return setting<number>(name, fallback, {
    read: (value) => whole(value, min, max, `must be a whole number from ${min} to ${max}`),
    example: String(fallback),
    ...more,
  })
}

function choice<T extends string>(name: string, fallback: T, values: readonly T[], more: { about: string }) {
  return setting<T>(name, fallback, {
    read(value) {
      const found = values.find((one) => one === value.toLowerCase())
      if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`)
      return found
    },
    example: fallback,
    ...more,
  })
}

function url(name: string, fallback: string, about: string) {
  return setting<string>(name, fallback, {
    read: readUrl,
    example: fallback,
    about,
  })
}

function readUrl(value: string): string {
  if (!URL.canParse(value)) throw new Error('is no URL')
  const { protocol, username } = new URL(value)
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('must begin with https:// or http://')
  if (username !== '') throw new Error('must not hold a user name')
  return value.replace(/\/+$/, '')
}

function ratio(value: string): number {
  const read = /^\d{0,3}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN
  if (!(read >= 0 && read <= 1)) throw new Error('must be a number from 0 to 1')
  return read
}

/** The full name of something in Google Cloud. */
function cloudName(kind: 'topics' | 'subscriptions'): (value: string) => string {
  return (value) => {
    const [projects, project, found, name, ...more] = value.split('/')
    const isWhole = [project, name].every(
      (part) => part !== undefined && /^[A-Za-z][\w.~+%:-]{1,254}$/.test(part),
    )
    if (projects !== 'projects' || found !== kind || !isWhole || more.length > 0)
      throw new Error(`must be a full name: projects/PROJECT/${kind}/NAME`)
    return value
  }
}

/** An origin: the pages cannot live under a path. */
function publicUrl(value: string): string {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new Error('must be an https:// address')
  const { protocol, hostname, pathname, search, username, origin } = parsed
  if (protocol === 'http:' && !loopbackNames.has(hostname)) throw new Error('must begin with https://')
  if (pathname !== '/' || search !== '' || username !== '')
    throw new Error('must be a host alone, without a path')
  return origin
}

/** The address may hold a password: no complaint repeats it. */
function databaseUrl(value: string): string {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new Error('must be like postgres://user:password@host:5432/database')
  const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
  const mode = parsed.searchParams.get('sslmode')
  if (mode !== null && !modes.includes(mode)) throw new Error(`must have one of sslmode=${modes.join(', ')}`)
  return value
}

function whole(value: string, min: number, max: number, sentence: string): number {
  const result = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (!(result >= min && result <= max)) throw new Error(sentence)
  return result
}

/** `$XDG_DATA_HOME/postern`, `%APPDATA%\postern` or `~/Library/Application Support/postern`. */
function platformDataDir(): string {
  const { platform, env } = process
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'postern')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'postern')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'postern')
}
