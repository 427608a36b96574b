import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '../program.ts'
import { yaml } from './yaml.ts'

const folder = join(import.meta.dirname, '../../deploy/prometheus')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
}

const skip = without('promtool')
test('Prometheus takes the alert rules', { skip }, () => promtool('check', 'rules', 'alerts.yaml'))

test('each alert fires on its trouble and all are silent on a calm day', { skip }, () =>
  promtool('test', 'rules', 'alerts.test.yaml'),
)

test('there is a trouble and a calm day for every alert', () => {
  const [rules] = yaml<{ groups: { rules: { alert: string }[] }[] }>(read('alerts.yaml'))
  const [trial] = yaml<{
    tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
  }>(read('alerts.test.yaml'))
  const trials = trial?.tests.flatMap(({ alert_rule_test }) => alert_rule_test) ?? []
  const named = (fires: boolean) =>
    trials
      .filter(({ exp_alerts }) => exp_alerts.length > 0 === fires)
      .map(({ alertname }) => alertname)
      .toSorted()
  const alerts = rules?.groups.flatMap((group) => group.rules.map(({ alert }) => alert)).toSorted() ?? []
  assert.ok(alerts.length > 10)
  assert.deepEqual(named(true), alerts)
  assert.deepEqual(named(false), alerts)
})
