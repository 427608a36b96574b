import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { settings } from '#cli/settings.ts'
import { createMetrics } from '#metrics/metrics.ts'
import { yaml } from './yaml.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (name: string) => readFileSync(join(deploy, name), 'utf8')
const files = globSync('**/*', { cwd: deploy, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(deploy.length + 1))

/** Every metric by its name, and of which type it is. */
async function everyMetric(): Promise<ReadonlyMap<string, string>> {
  const metrics = createMetrics({ version: '0', perAccount: false })
  metrics.watch({
    accounts: () => [],
    cache: () => ({ memoryBytes: 0, diskBytes: 0, entries: 0, hits: 0, misses: 0 }),
    disk: async () => ({ storeBytes: 0, freeBytes: 0 }),
    push: () => ({ notices: { asked: 0 }, ageMs: 0, failures: 0, told: 0 }),
    storeWritable: async () => true,
    sessions: () => ({}),
  })
  return new Map(
    [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
      name,
      type,
    ]),
  )
}

describe('deploy/', () => {
  test('every variable of Postern that is named there exists', () => {
    const known = new Set(Object.values(settings).map(({ name }) => name))
    for (const name of files)
      for (const [word] of read(name).matchAll(/\b(?:POSTERN|GOOGLE_CLIENT)_[A-Z0-9_]+\b/g))
        assert.ok(known.has(word), `${name}: ${word}`)
  })

  test('every metric that alerts and the dashboard ask for exists', async () => {
    const known = await everyMetric()
    let asked = 0
    for (const name of ['prometheus/alerts.yaml', 'grafana/postern.json'])
      for (const [word] of read(name).matchAll(/\b(?:postern|nodejs|process)_[a-z0-9_]+/g)) {
        const type = known.get(word)
        const histogram = known.get(word.replace(/_(?:bucket|count|sum)$/, '')) === 'histogram'
        assert.ok(type !== undefined || histogram, `${name}: ${word}`)
        asked++
      }
    assert.ok(asked > 30)
  })

  test('every metric of ours is on the dashboard and in the operations guide', async () => {
    const guide = readFileSync(join(deploy, '../docs/operations.md'), 'utf8')
    const dashboard = read('grafana/postern.json')
    const names = [...(await everyMetric()).keys()].filter((name) => name.startsWith('postern_'))
    assert.ok(names.length > 30)
    const lacking = names.filter((name) => !new RegExp(`\\b${name}(?:_bucket|_count)?\\b`).test(dashboard))
    const untold = names.filter((name) => !guide.includes(`\`${name.slice('postern_'.length)}\``))
    assert.deepEqual({ lacking, untold }, { lacking: [], untold: [] })
  })

  test('every alert has an expression, a severity, a summary, and a line in the operations guide', () => {
    interface Rules {
      groups: {
        rules: {
          alert: string
          expr: string
          labels: { severity: string }
          annotations: { summary: string }
        }[]
      }[]
    }
    const guide = readFileSync(join(deploy, '../docs/operations.md'), 'utf8')
    const [rules] = yaml<Rules>(read('prometheus/alerts.yaml'))
    const all = rules?.groups.flatMap(({ rules: some }) => some) ?? []
    assert.ok(all.length > 10)
    for (const { alert, expr, labels, annotations } of all) {
      assert.match(alert, /^Postern[A-Z]/)
      assert.equal(expr.split('(').length, expr.split(')').length, alert)
      assert.match(labels.severity, /^(?:warning|critical)$/)
      assert.ok(annotations.summary.length > 10, alert)
      assert.ok(guide.includes(alert), `docs/operations.md says nothing of ${alert}`)
    }
  })

  test('the image: nobody in particular, a probe, secrets neither in it nor in its environment', () => {
    const text = read('Dockerfile')
    assert.match(text, /^USER 65532:65532$/m)
    assert.match(text, /^HEALTHCHECK /m)
    assert.match(text, /^ENTRYPOINT \["node", "\/app\/src\/main\.ts"\]$/m)
    assert.doesNotMatch(text, /POSTERN_KEY|SECRET|TOKEN/)
    const ignored = readFileSync(join(deploy, '../.dockerignore'), 'utf8')
    assert.match(ignored, /^\*$/m)
  })

  test('compose: hardened services; published ports are of this machine alone', () => {
    interface Service {
      read_only: boolean
      cap_drop: string[]
      ports: string[]
    }
    const [compose] = yaml<{ services: Record<string, Service> }>(read('compose.yaml'))
    const services = Object.values(compose?.services ?? {})
    assert.equal(services.length, 2)
    for (const { read_only: readOnly, cap_drop: dropped, ports } of services) {
      assert.equal(readOnly, true)
      assert.deepEqual(dropped, ['ALL'])
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
    }
  })

  test('the dashboard: panels do not overlap and every one asks something', () => {
    interface Panel {
      title: string
      gridPos: { x: number; y: number }
      targets: { expr: string }[]
    }
    const { panels } = JSON.parse(read('grafana/postern.json')) as { panels: Panel[] }
    assert.equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length)
    for (const { title, targets } of panels)
      assert.ok(
        targets.every(({ expr }) => expr !== ''),
        title,
      )
  })

  for (const [file, wanted] of [
    ['launchd/org.postern.bridge.plist', /<key>ProgramArguments<\/key>/],
    ['windows/postern.xml', /<executable>.*node\.exe<\/executable>/],
  ] as const)
    test(`${file}: every tag closes`, () => {
      const text = read(file).replaceAll(/<!--[\s\S]*?-->|<[?!][^>]*>/g, '')
      const open: string[] = []
      for (const [, end, tag, empty] of text.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
        if (end === '/') assert.equal(open.pop(), tag)
        else if (empty !== '/') open.push(tag ?? '')
      }
      assert.deepEqual(open, [])
      assert.match(text, wanted)
    })

  const analyze = spawnSync('systemd-analyze', ['--version'])
  test('systemd: the unit is sound and well locked in', { skip: analyze.error !== undefined }, () => {
    const unit = join(deploy, 'systemd/postern.service')
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    assert.equal(verified.status, 0, verified.stderr)
    // Exposure from 0 (best) to 10, times ten.
    const secure = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
      encoding: 'utf8',
    })
    assert.equal(secure.status, 0, secure.stdout)
  })
})
