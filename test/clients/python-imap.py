"""A tour of the mailbox with imaplib alone. Says as JSON what it saw; fails where the server is not as it should be."""
import email
import imaplib
import json
import ssl
import sys

host, port, user, authority = sys.argv[1:5]
password = sys.stdin.readline().strip()
context = ssl.create_default_context(cafile=authority)
imap = imaplib.IMAP4_SSL(host, int(port), ssl_context=context)
seen = {}


def ok(answer):
    kind, data = answer
    assert kind == "OK", answer
    return data


ok(imap.login(user, password))
seen["namespace"] = ok(imap.namespace())[0].decode()
seen["mailboxes"] = sorted(line.decode().rsplit('"/" ')[1].strip('"') for line in ok(imap.list()))
seen["lsub"] = len(ok(imap.lsub())) == len(seen["mailboxes"])
ok(imap.create('"Made by Python"'))
ok(imap.subscribe('"Made by Python"'))
ok(imap.rename('"Made by Python"', "Snakes"))
seen["exists"] = int(ok(imap.select("INBOX"))[0])
ok(imap.noop())
ok(imap.check())
# Reading.
(_, header), _ = ok(imap.fetch("1", "(BODY.PEEK[HEADER])"))
seen["subject"] = email.message_from_bytes(header)["Subject"]
(_, text), rest = ok(imap.fetch("1", "(UID RFC822.SIZE BODY.PEEK[])"))[:2]
seen["size"] = len(text)
(_, piece), _ = ok(imap.fetch("1", "(BODY.PEEK[]<5.10>)"))
seen["piece"] = text[5:15] == piece
(_, half), _ = ok(imap.fetch("1", "(BODY.PEEK[TEXT]<0.5>)"))
seen["half"] = half.decode()
# Searching.
seen["found"] = ok(imap.search(None, "SUBJECT", '"two"'))[0].decode()
imap.literal = "größer".encode()
seen["foundUtf8"] = ok(imap.search("UTF-8", "BODY"))[0].decode()
seen["foundUid"] = ok(imap.uid("SEARCH", None, "ALL"))[0].decode()
seen["sorted"] = ok(imap.sort("(REVERSE SUBJECT)", "UTF-8", "ALL"))[0].decode()
seen["threads"] = ok(imap.thread("REFERENCES", "UTF-8", "ALL"))[0].decode()
# Changing.
ok(imap.store("1", "+FLAGS", r"(\Flagged keyword)"))
ok(imap.uid("STORE", "2", "+FLAGS.SILENT", r"(\Seen)"))
ok(imap.copy("3", "Snakes"))
ok(imap.uid("MOVE", "3", "Snakes"))
letter = b"From: a@example.org\r\nSubject: put in\r\n\r\nHello\r\n"
ok(imap.append("Snakes", r"(\Seen \Answered)", imaplib.Time2Internaldate(1_770_000_000), letter))
ok(imap.select("Snakes"))
seen["snakes"] = ok(imap.fetch("1:*", "(UID FLAGS)"))[-1].decode()
(_, back), _ = ok(imap.fetch("2", "(BODY[])"))
seen["appended"] = back == letter
ok(imap.store("2", "+FLAGS", r"(\Deleted)"))
seen["expunged"] = [number.decode() for number in ok(imap.expunge())]
ok(imap.close())
ok(imap.unsubscribe("Snakes"))
seen["status"] = ok(imap.status("INBOX", "(MESSAGES UNSEEN)"))[0].decode()
ok(imap.enable("UTF8=ACCEPT"))
seen["utf8"] = imap.utf8_enabled
seen["examined"] = int(ok(imap.select("INBOX", readonly=True))[0])
kind, _ = imap.store("1", "+FLAGS", r"(\Seen)")
seen["readOnly"] = kind == "NO"
ok(imap.unselect())
ok(imap.delete("Snakes"))
kind, _ = imap.select("Snakes")
seen["deleted"] = kind == "NO"
imap.logout()
print(json.dumps(seen))
