import assert from 'node:assert/strict'
import type { Refusal } from './api.ts'
import type { Message, Part } from './resources.ts'

/** uint64 and int64 as JSON has them. */
export const decimal = /^(?:0|[1-9]\d{0,19})$/
/** A message or thread id. Fact sheet section 3. */
export const hexId = /^[1-9a-f][0-9a-f]{0,15}$/

/** A text that must be there and look so; `what` names it for whoever reads the report. */
export function expectText(what: string, text: unknown, pattern: RegExp): void {
  if (text === undefined) assert.fail(`${what} is missing`)
  assert.ok(
    typeof text === 'string' && pattern.test(text),
    `${what} is ${JSON.stringify(text)}, which is not ${pattern}`,
  )
}

/** The refusal's status and reason, and its message where the fact sheet has the words. */
export function expectRefusal(
  refusal: Refusal,
  status: number,
  reason: string,
  message?: string | RegExp,
): void {
  assert.deepEqual([refusal.status, refusal.reason], [status, reason], refusal.message)
  if (typeof message === 'string') assert.equal(refusal.message, message)
  else if (message !== undefined) assert.match(refusal.message, message)
}

/** 400 goes by two names. Fact sheet section 1.4. */
export function expectBadRequest(refusal: Refusal, message?: string | RegExp): void {
  assert.match(refusal.reason, /^(?:badRequest|invalidArgument)$/, refusal.message)
  assert.equal(refusal.rpcStatus, 'INVALID_ARGUMENT')
  expectRefusal(refusal, 400, refusal.reason, message)
}

export function labelsOf(message: Message): Set<string> {
  return new Set(message.labelIds)
}

export function idsOf(list: readonly { id: string }[] | undefined): string[] {
  return (list ?? []).map(({ id }) => id)
}

/** The part with this id, wherever it is in the tree. */
export function partOf(root: Part | undefined, partId: string): Part {
  const waiting = root === undefined ? [] : [root]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.partId === partId) return part
    waiting.push(...(part.parts ?? []))
  }
  return assert.fail(`there is no part ${JSON.stringify(partId)}`)
}
