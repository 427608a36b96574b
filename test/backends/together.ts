import type { Asked, Backend } from './backend.ts'

/** A Gmail that does what all of these do, one after the other. */
export function together(backends: readonly Backend[]): Backend {
  return {
    refuse(asked) {
      for (const backend of backends) {
        const answer = backend.refuse?.(asked)
        if (answer !== undefined) return answer
      }
      return undefined
    },
    ask: (asked) => backends.reduce<Asked>((one, backend) => ({ ...one, ...backend.ask?.(one) }), asked),
    json: (json, asked) => backends.reduce((one, backend) => backend.json?.(one, asked) ?? one, json),
    tell: (told, asked) => backends.reduce((one, backend) => backend.tell?.(one, asked) ?? one, told),
  }
}
