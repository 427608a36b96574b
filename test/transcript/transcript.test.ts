import { after, before, describe, test } from 'node:test'
import { hasDovecot } from '#test/dovecot/dovecot.ts'
import { Conversation } from './conversation.ts'
import { openDovecotStage } from './dovecot-stage.ts'
import { mustBeAlone, transcripts } from './library.ts'
import { play } from './play.ts'
import { openPosternStage } from './postern-stage.ts'
import type { Stage } from './stage.ts'

const all = transcripts()
const absent = hasDovecot() ? false : 'Dovecot is not installed here (Debian: dovecot-imapd)'

describe('Postern answers as it is written in', () => {
  let stage: Stage
  before(async () => {
    stage = await openPosternStage(all)
  })
  after(() => stage.close())

  describe('transcripts that touch nothing but their own account', { concurrency: 8 }, () => {
    for (const transcript of all.filter((one) => !mustBeAlone(one)))
      test(transcript.name, async () => play(transcript, await stage.scene(transcript), new Conversation()))
  })

  describe('transcripts that must be alone', () => {
    for (const transcript of all.filter(mustBeAlone))
      test(transcript.name, async () => play(transcript, await stage.scene(transcript), new Conversation()))
  })
})

describe('Dovecot answers as it is written in', { skip: absent }, () => {
  let stage: Stage
  before(async () => {
    stage = await openDovecotStage()
  })
  after(() => stage.close())

  describe('transcripts of what both can', { concurrency: 8 }, () => {
    for (const transcript of all.filter(({ dovecot }) => dovecot === true))
      test(transcript.name, async () => play(transcript, await stage.scene(transcript), new Conversation()))
  })
})
