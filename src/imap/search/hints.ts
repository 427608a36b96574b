import type { SearchHint } from '#mail/mailstore.ts'
import type { SearchKey } from './key.ts'

/** More than so many questions are not asked; the messages are read instead. */
const questionLimit = 20
/** Whether Gmail's bounds are inclusive, and to the second, is not documented. facts/gmail-api.md section 4. */
const slackMs = 2000

/**
 * Questions to Gmail's search that help to decide about messages nobody has read yet: for a key, what its matches must
 * be among. Keys that must all match are asked in one question.
 */
export function questionsFor(key: SearchKey, nowMs: number): Map<SearchKey, SearchHint[]> {
  const questions = new Map<SearchKey, SearchHint[]>()
  collect(key, nowMs, questions)
  return questions.size > questionLimit ? new Map() : questions
}

function collect(key: SearchKey, nowMs: number, questions: Map<SearchKey, SearchHint[]>): void {
  switch (key.kind) {
    case 'and': {
      const hints = key.keys.flatMap((inner) => hintsOf(inner, nowMs))
      if (hints.length > 0) questions.set(key, hints)
      for (const inner of key.keys)
        if (inner.kind === 'and' || inner.kind === 'or' || inner.kind === 'not')
          collect(inner, nowMs, questions)
      break
    }
    case 'or':
      for (const inner of key.keys) collect(inner, nowMs, questions)
      break
    case 'not':
      collect(key.key, nowMs, questions)
      break
    default: {
      const hints = hintsOf(key, nowMs)
      if (hints.length > 0) questions.set(key, hints)
    }
  }
}

/** What Gmail can be asked about one key; nothing when it cannot tell. */
function hintsOf(key: SearchKey, nowMs: number): SearchHint[] {
  switch (key.kind) {
    case 'field':
      return textHint(key.field, key.text)
    case 'body':
    case 'text':
      return textHint('text', key.text)
    case 'header':
      return headerHint(key.name.toLowerCase(), key.text)
    case 'internal-date':
      return dateHints(key.fromMs, key.beforeMs)
    case 'age': {
      const limitMs = nowMs - key.seconds * 1000
      return key.older ? dateHints(-Infinity, limitMs + 1) : dateHints(limitMs, Infinity)
    }
    default:
      return []
  }
}

function headerHint(name: string, text: string): SearchHint[] {
  switch (name) {
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'subject':
      return textHint(name, text)
    case 'message-id':
      // Only a whole id is a term of Gmail's; anything else in it could be an operator.
      return /^<[\w.+=$%!#/-]+@[\w.-]+>$/.test(text)
        ? [{ field: 'gmail', value: `rfc822msgid:${text.slice(1, -1)}` }]
        : []
    default:
      return []
  }
}

/** A text without a letter or digit has no word that Gmail could look for. */
function textHint(field: SearchHint['field'], text: string): SearchHint[] {
  return /[\p{L}\p{N}]/u.test(text) ? [{ field, value: text }] : []
}

function dateHints(fromMs: number, beforeMs: number): SearchHint[] {
  const hints: SearchHint[] = []
  if (Number.isFinite(fromMs)) hints.push({ field: 'since', value: String(Math.max(0, fromMs - slackMs)) })
  if (Number.isFinite(beforeMs))
    hints.push({ field: 'before', value: String(Math.max(0, beforeMs + slackMs)) })
  return hints
}
