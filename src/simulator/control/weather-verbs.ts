import { z } from 'zod'
import { setQuirks } from '../quirks.ts'
import { ControlError, verb } from './verb.ts'

const quota = verb({
  name: 'quota',
  does: 'Sets units per minute and user; 0 for no limit. Buckets are full afterwards.',
  takes: z.strictObject({ unitsPerMinute: z.number().min(0).max(1e9) }),
  run({ world }, { unitsPerMinute }) {
    world.quota.set(unitsPerMinute)
    return undefined
  },
})

const latency = verb({
  name: 'latency',
  does: 'Sets how long every call takes besides its work, in milliseconds.',
  takes: z.strictObject({ ms: z.number().min(0).max(600_000) }),
  run({ world }, { ms }) {
    world.latencyMs = ms
    return undefined
  },
})

const quirks = verb({
  name: 'quirks',
  does: 'Sets some of Gmail’s oddities, the others stay; answers them all. See src/simulator/quirks.ts.',
  takes: z.record(z.string(), z.unknown()),
  run({ world }, change) {
    try {
      setQuirks(world.quirks, change)
    } catch (error) {
      if (error instanceof TypeError) throw new ControlError(error.message)
      throw error
    }
    return { ...world.quirks }
  },
})

const clock = verb({
  name: 'clock',
  does: 'Time stands still (fix), jumps (advance) or runs with the machine’s again (release). Answers {now}.',
  takes: z.strictObject({
    fix: z.number().optional().describe('epoch milliseconds'),
    advance: z.number().optional().describe('milliseconds'),
    release: z.boolean().optional(),
  }),
  run({ world }, { fix, advance, release }) {
    if (release === true) world.clock.release()
    if (fix !== undefined) world.clock.fix(fix)
    if (advance !== undefined) world.clock.advance(advance)
    return { now: world.clock.now() }
  },
})

const fault = verb({
  name: 'fault',
  does: 'The next calls of a method fail, or their connection breaks, before or after the effect; or they are slow.',
  takes: z.strictObject({
    method: z.string().default('*').describe('`messages.get`, `pubsub.pull`, or * for every one'),
    count: z.number().int().min(1).max(1_000_000).default(1),
    skip: z.number().int().min(0).default(0).describe('calls that go well before'),
    status: z.number().int().min(400).max(599).optional().describe('absent with drop or delayMs, else 500'),
    reason: z.string().optional(),
    message: z.string().optional(),
    retryAfterSeconds: z.number().min(0).optional(),
    when: z.enum(['before', 'after']).default('before'),
    drop: z.boolean().default(false).describe('no answer: the connection breaks'),
    delayMs: z.number().min(0).max(600_000).default(0),
  }),
  run({ world }, { status, reason, message, retryAfterSeconds, ...more }) {
    const fallback = more.delayMs > 0 && reason === undefined ? 0 : 500
    world.faults.add({ ...more, status: status ?? fallback, reason, message, retryAfterSeconds })
    return { faults: world.faults.list().length }
  },
})

const faults = verb({
  name: 'faults',
  does: 'What is still to go wrong, in the order in which it was asked for: {faults: [{method, count, …}]}.',
  takes: z.strictObject({}),
  run: ({ world }) => ({ faults: world.faults.list().map((one) => ({ ...one })) }),
})

const clearFaults = verb({
  name: 'clearFaults',
  does: 'Nothing fails any more.',
  takes: z.strictObject({}),
  run({ world }) {
    world.faults.clear()
    return undefined
  },
})

const ledger = verb({
  name: 'ledger',
  does: 'Calls, units and refusals by method since the last reset.',
  takes: z.strictObject({ reset: z.boolean().default(false).describe('begin anew after this answer') }),
  run({ world }, { reset }) {
    const methods = [...world.quota.ledger()].map(([method, line]) => [method, { ...line }] as const)
    const sum = (key: 'calls' | 'units' | 'refused') =>
      methods.reduce((total, [, line]) => total + line[key], 0)
    const answer = {
      calls: sum('calls'),
      units: sum('units'),
      refused: sum('refused'),
      methods: Object.fromEntries(methods),
      unitsPerMinute: world.quota.unitsPerMinute,
      unitsLastMinute: world.quota.spentLastMinute(world.clock.now()),
    }
    if (reset) world.quota.resetLedger()
    return answer
  },
})

const reset = verb({
  name: 'reset',
  does: 'The ledger begins anew.',
  takes: z.strictObject({}),
  run({ world }) {
    world.quota.resetLedger()
    return undefined
  },
})

export const weatherVerbs = [quota, latency, quirks, clock, fault, faults, clearFaults, ledger, reset]
