import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePorts, startPostern, withFolder } from '../postern.ts'

const root = join(import.meta.dirname, '../..')

interface Step {
  readonly word: string
  readonly rest: string
}

/** The instructions of each stage, long lines joined. */
function stages(): Step[][] {
  const lines = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
  const all: Step[][] = []
  for (const line of lines) {
    const at = line.indexOf(' ')
    const step = { word: line.slice(0, at), rest: line.slice(at + 1) }
    if (step.word === 'FROM') all.push([])
    all.at(-1)?.push(step)
  }
  return all
}

function copy(rest: string, app: string): void {
  const names = rest.split(' ')
  const target = join(app, names.pop() ?? '')
  for (const name of names) {
    const isFolder = statSync(join(root, name)).isDirectory()
    cpSync(join(root, name), isFolder ? target : join(target, name.split('/').at(-1) ?? ''), {
      recursive: true,
    })
  }
}

const skip = process.platform === 'win32' && 'the steps are for a POSIX shell'

test(
  'the steps of the Dockerfile give an installation that serves, writes only its data and ends on SIGTERM',
  { skip },
  async () => {
    await withFolder(async (dir) => {
      const app = join(dir, 'app')
      mkdirSync(app)
      const [build = [], image = []] = stages()
      for (const { word, rest } of build) {
        if (word === 'COPY') copy(rest, app)
        if (word !== 'RUN') continue
        const env = { ...process.env, NODE_OPTIONS: '', npm_config_prefer_offline: 'true' }
        const { status, stdout, stderr } = spawnSync('sh', ['-c', rest], { cwd: app, env, encoding: 'utf8' })
        assert.equal(status, 0, `${rest}\n${stdout}${stderr}`)
      }
      assert.deepEqual(readdirSync(join(app, 'node_modules/googleapis/build/src/apis')), ['gmail'])
      assert.deepEqual(globSync('src/**/*.test.ts', { cwd: app }), [])

      const environment = Object.fromEntries(
        image
          .filter(({ word }) => word === 'ENV')
          .flatMap(({ rest }) => rest.split(' ').map((pair) => pair.split('=', 2) as [string, string])),
      )
      assert.equal(environment['POSTERN_DATA_DIR'], '/data')
      const before = statesOf(app)
      const running = await startPostern(
        ['serve'],
        { ...environment, ...freePorts, POSTERN_METRICS_PORT: '0', POSTERN_DATA_DIR: join(dir, 'data') },
        join(app, 'src/main.ts'),
      )
      const url = new URL(running.ready.metrics?.url ?? '')
      assert.equal(url.hostname, '0.0.0.0')
      const probe = spawnSync(process.execPath, [join(app, 'deploy/healthy.mjs')], {
        env: { ...process.env, POSTERN_METRICS_PORT: url.port },
      })
      assert.equal(probe.status, 0)
      assert.equal(await running.stop(), 0)
      assert.deepEqual(statesOf(app), before, 'the root may be read-only')
    })
  },
)

function statesOf(app: string): string[] {
  return ['.', ...globSync('**/*', { cwd: app, exclude: ['**/node_modules/**'] })]
    .map((name) => `${name} ${statSync(join(app, name)).mtimeMs}`)
    .toSorted()
}
