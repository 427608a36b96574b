import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { Options } from 'postgres'
import { StoreError } from '../store.ts'

/** How long a statement may take at the server. */
export const statementMs = 60_000
/** How long another session may keep a row from us: a backup that locks tables, a hand at psql. */
const lockMs = 20_000
/** How long a connection may take to be made, and again to be agreed upon. */
export const connectSeconds = 10

/** Numbers as large as we make them are exact in a double: the largest is below 2^53. */
const int8 = { to: 20, from: [20], parse: Number, serialize: String }

/** Where the database is and how it is spoken to. */
export interface Address {
  /** Host and database, without user and password, for people. */
  readonly shown: string
  readonly place: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly options: Options<{ int8: typeof int8 }>
}

/**
 * `postgres://user:password@host:5432/database`, with `?sslmode=` (`disable`, `require`, `verify-ca`, `verify-full`), `sslrootcert=FILE`,
 * and for a Unix socket `?host=/run/postgresql`. Without an `sslmode` TLS is taken where the server offers it. Throws
 * StoreError `unreachable`, whose message never holds the address: it may hold a password.
 */
export function addressOf(text: string): Address {
  const url = URL.parse(text)
  if (url === null)
    throw new StoreError('unreachable', 'The address of the database (POSTERN_DATABASE_URL) is no URL.')
  const named = url.searchParams.get('host') ?? decodeURIComponent(url.hostname)
  const host = named === '' ? 'localhost' : named.replaceAll(/^\[|\]$/g, '')
  const isSocket = host.startsWith('/')
  const port = Number(url.searchParams.get('port') ?? (url.port === '' ? 5432 : url.port))
  const database = decodeURIComponent(url.pathname.slice(1))
  const user = url.searchParams.get('user') ?? decodeURIComponent(url.username)
  const pass = url.searchParams.get('password') ?? decodeURIComponent(url.password)
  return {
    shown: `${database === '' ? 'the database' : database} at ${isSocket ? `${host} (socket)` : `${host}:${port}`}`,
    place: isSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
    options: {
      ...(database === '' ? {} : { database }),
      ...(user === '' ? {} : { user }),
      ...(pass === '' ? {} : { pass }),
      ssl: isSocket ? false : tlsOf(url.searchParams, host),
      connect_timeout: connectSeconds,
      keep_alive: 30,
      idle_timeout: 0,
      max_lifetime: 0,
      fetch_types: false,
      onnotice() {},
      types: { int8 },
      connection: {
        application_name: `postern ${hostname()} ${process.pid}`.replaceAll(/[^\w. -]/g, '_').slice(0, 63),
        search_path: 'postern',
        statement_timeout: statementMs,
        lock_timeout: lockMs,
        idle_in_transaction_session_timeout: statementMs,
        // The server notices when this machine is gone, and gives the lock of the instance away.
        tcp_keepalives_idle: 30,
        tcp_keepalives_interval: 10,
        tcp_keepalives_count: 3,
      },
    },
  }
}

type Tls = NonNullable<Options<Record<string, never>>['ssl']>

/** https://www.postgresql.org/docs/current/libpq-ssl.html: `require` encrypts, `verify-full` also knows to whom. */
function tlsOf(parameters: URLSearchParams, host: string): Tls {
  const file = parameters.get('sslrootcert')
  const mode = parameters.get('sslmode') ?? (file === null ? 'prefer' : 'verify-full')
  if (mode === 'disable') return false
  if (mode !== 'verify-full' && mode !== 'verify-ca') return mode === 'require' ? 'require' : 'prefer'
  return {
    // Node compares the certificate with `servername`, and for an IP address with `host`.
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(file === null || file === 'system' ? {} : { ca: certificateOf(file) }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  }
}

function certificateOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new StoreError('unreachable', `The certificate ${file} (sslrootcert) cannot be read.`, { cause })
  }
}
