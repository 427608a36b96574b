"""Everything that poplib can do. Says as JSON what it saw; fails where the server is not as it should be."""
import json
import poplib
import ssl
import sys

host, port, user, authority = sys.argv[1:5]
password = sys.stdin.readline().strip()
context = ssl.create_default_context(cafile=authority)
seen = {}


def enter():
    pop = poplib.POP3(host, int(port))
    assert pop.getwelcome().startswith(b"+OK")
    seen["capabilities"] = sorted(pop.capa())
    pop.stls(context)
    pop.user(user)
    pop.pass_(password)
    return pop


pop = enter()
count, octets = pop.stat()
seen["count"] = count
sizes = [int(line.split()[1]) for line in pop.list()[1]]
seen["sizesAdd"] = sum(sizes) == octets
uids = pop.uidl()[1]
seen["uid"] = pop.uidl(1).split()[2] == uids[0].split()[1]
_, lines, _ = pop.retr(1)
seen["exact"] = sum(len(line) + 2 for line in lines) == sizes[0]
seen["dots"] = [line.decode() for line in lines if line.startswith(b".")]
_, top, _ = pop.top(2, 0)
seen["top"] = top[-1].decode()
pop.dele(2)
pop.rset()
pop.noop()
pop.dele(1)
pop.quit()
# What was deleted and what was retrieved is not offered again; the rest has the same names.
pop = enter()
seen["later"] = [line.split()[1] in {old.split()[1] for old in uids[1:]} for line in pop.uidl()[1]]
try:
    pop.retr(9)
    seen["absent"] = "there"
except poplib.error_proto as error:
    seen["absent"] = error.args[0][:4].decode()
pop.quit()
print(json.dumps(seen))
