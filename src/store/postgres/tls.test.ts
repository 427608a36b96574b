import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { PostgresGround } from '../testing/postgres-ground.ts'
import { noPostgres, PostgresServer } from '../testing/postgres-server.ts'

const run = promisify(execFile)

/** A certificate for 127.0.0.1, but not for localhost, that vouches for itself; gives the paths. */
async function certificateIn(folder: string, name: string): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const flags = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test'
  const names = ['-addext', 'subjectAltName=DNS:db.test,IP:127.0.0.1']
  await run('openssl', [...flags.split(' '), ...names, '-out', certificate, '-keyout', key])
  return { certificate, key }
}

async function newFolder(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tls-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test(
  'PostgreSQL is spoken to over TLS as far as the address asks for',
  { skip: noPostgres, timeout: 180_000 },
  async (t) => {
    const folder = await newFolder(t)
    const ours = await certificateIn(folder, 'ours')
    const other = await certificateIn(folder, 'other')
    const ground = await PostgresGround.make(
      await PostgresServer.start({
        certificate: readFileSync(ours.certificate, 'utf8'),
        key: readFileSync(ours.key, 'utf8'),
      }),
    )
    t.after(() => ground.end())
    const url = await ground.server.newDatabase()
    const [place = ''] = url.split('?')
    /** Whether the connection was encrypted, as the server sees it. */
    const encrypted = async (address: string) => {
      const store = await ground.open(undefined, address, { markPath: ground.newMarkPath() })
      const said = await ground.server.psql(
        'postgres',
        `select bool_and(s.ssl) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name like 'postern %'`,
      )
      await store.close()
      return said
    }
    const refused = (address: string) =>
      assert.rejects(ground.open(undefined, address, { markPath: ground.newMarkPath() }), {
        kind: 'unreachable',
        message: /cannot be reached|cannot be read/,
      })

    assert.equal(await encrypted(`${place}?sslmode=disable`), 'f')
    assert.equal(await encrypted(place), 't', 'taken where it is offered')
    assert.equal(await encrypted(`${place}?sslmode=require`), 't')
    assert.equal(await encrypted(`${place}?sslrootcert=${ours.certificate}`), 't')
    const byName = place.replace('127.0.0.1', 'localhost')
    assert.equal(await encrypted(`${byName}?sslmode=verify-ca&sslrootcert=${ours.certificate}`), 't')
    await refused(`${byName}?sslmode=verify-full&sslrootcert=${ours.certificate}`)
    await refused(`${place}?sslmode=verify-full`)
    await refused(`${place}?sslmode=verify-full&sslrootcert=${other.certificate}`)
    await refused(`${place}?sslmode=verify-full&sslrootcert=/no/such/file`)
  },
)
