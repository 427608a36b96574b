import { after, before, describe, test } from 'node:test'
import { hasDovecot } from '#test/dovecot/dovecot.ts'
import { Conversation } from './conversation.ts'
import { openDovecotStage } from './dovecot-stage.ts'
import { mustBeAlone, transcripts } from './library.ts'
import { play } from './play.ts'
import { openPosternStage } from './postern-stage.ts'
import type { Stage } from './stage.ts'
import type { Transcript } from './transcript.ts'

const all = transcripts()
const absent = hasDovecot() ? false : 'Dovecot is not installed here (Debian: dovecot-imapd)'
const shownLog = 4000

/** Each is a test; those that need nobody beside them come after the others, one by one. */
function playAll(stage: () => Stage, chosen: readonly Transcript[]): void {
  const playOne = async (transcript: Transcript) => {
    try {
      await play(transcript, await stage().scene(transcript), new Conversation())
    } catch (error) {
      const log = stage().log().slice(-shownLog)
      if (log === '') throw error
      throw new Error(`${(error as Error).message}\n\nThe end of the log:\n${log}`, { cause: error })
    }
  }
  describe('together', { concurrency: 16 }, () => {
    for (const transcript of chosen.filter((one) => !mustBeAlone(one)))
      test(transcript.name, () => playOne(transcript))
  })
  const alone = chosen.filter(mustBeAlone)
  describe('alone', { concurrency: 1, skip: alone.length === 0 }, () => {
    for (const transcript of alone) test(transcript.name, () => playOne(transcript))
  })
}

describe('transcripts', { concurrency: true }, () => {
  describe('Postern answers as it is written', { concurrency: 1 }, () => {
    let stage: Stage
    before(async () => {
      stage = await openPosternStage(all)
    })
    after(() => stage.close())
    playAll(() => stage, all)
  })

  describe('Dovecot answers as it is written', { concurrency: 1, skip: absent }, () => {
    let stage: Stage
    before(async () => {
      stage = await openDovecotStage()
    })
    after(() => stage.close())
    playAll(
      () => stage,
      all.filter(({ dovecot }) => dovecot === true),
    )
  })
})
