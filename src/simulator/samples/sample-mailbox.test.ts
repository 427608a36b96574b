import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import PostalMime from 'postal-mime'
import { sampleMailbox } from './sample-mailbox.ts'

const now = Date.UTC(2026, 10, 24, 12)

describe('the sample mailbox', () => {
  it('is the same for the same moment, and moves with it', () => {
    assert.deepEqual(sampleMailbox(now), sampleMailbox(now))
    const later = sampleMailbox(now + 3_600_000)
    assert.equal((later[0]?.internalDate ?? 0) - (sampleMailbox(now)[0]?.internalDate ?? 0), 3_600_000)
  })

  it('has about sixty messages, oldest first, all in the past, each with a label', () => {
    const mailbox = sampleMailbox(now)
    assert.ok(mailbox.length >= 55 && mailbox.length <= 70, String(mailbox.length))
    const dates = mailbox.map(({ internalDate }) => internalDate)
    assert.deepEqual(
      dates,
      [...dates].sort((a, b) => a - b),
    )
    assert.ok((dates.at(-1) ?? Infinity) < now)
    assert.ok(mailbox.every(({ labels }) => labels.length > 0))
    const labels = new Set(mailbox.flatMap((message) => message.labels))
    for (const label of [
      'INBOX',
      'SENT',
      'DRAFT',
      'SPAM',
      'TRASH',
      'STARRED',
      'UNREAD',
      'Travel',
      'Familie',
    ]) {
      assert.ok(labels.has(label), label)
    }
    assert.ok(labels.has('Work/Projects/Postern'))
  })

  it('has CRLF line ends and no line that SMTP would refuse', () => {
    for (const { raw } of sampleMailbox(now)) {
      const text = raw.toString('latin1')
      assert.equal(/[^\r]\n|\r[^\n]/.test(text), false, text.slice(0, 300))
      assert.ok(text.endsWith('\r\n'))
      assert.ok(text.split('\r\n').every((line) => line.length <= 998))
    }
  })

  it('reads as meant in an independent parser', async () => {
    const read = await Promise.all(sampleMailbox(now).map(({ raw }) => PostalMime.parse(raw)))
    const bySubject = new Map(read.map((message) => [message.subject, message]))
    const has = (subject: string, words: string) => {
      const message = bySubject.get(subject)
      assert.ok(message !== undefined, `${subject} is missing`)
      assert.ok((message.text ?? message.html ?? '').includes(words), subject)
      return message
    }
    has('京都への旅行について', '紅葉がとても美しい')
    has('Партия в шахматы', 'Теперь твоя очередь')
    has('Die Fotos vom Gartenfest für Euch', 'süß waren die Äpfel')
    has('Re: Die Fotos vom Gartenfest für Euch', 'schon')
    has('Prüfbericht für das große Tor am Südeingang', 'schließt dicht')
    has('الكتاب الذي سألت عنه', 'وجدت الكتاب')
    assert.equal(has('Invoice 2207 for one lock', 'thirty days').attachments[0]?.mimeType, 'application/pdf')
    assert.equal(has('Visitor numbers as a table', 'open').attachments[0]?.filename, 'Besucher – März.csv')
    const threaded = read.filter(({ inReplyTo }) => inReplyTo !== undefined)
    assert.ok(threaded.length >= 10)
    const ids = new Set(read.map(({ messageId }) => messageId))
    assert.equal(ids.size, read.length)
    assert.ok(threaded.every(({ inReplyTo }) => ids.has(inReplyTo)))
  })
})
