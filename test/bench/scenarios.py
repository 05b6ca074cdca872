"""What is measured: each scenario is a name, a heading, the arguments of `load`, and the programs
that take part."""

FLOORS = ["floor-line", "floor-batch", "floor-turn", "floor-gather"]
PEERS = ["redis", "nats", "mosquitto", "ngircd", "inspircd", "ncat"]
EVERYBODY = ["chatd"] + FLOORS + PEERS
SOME = ["chatd", "floor-line", "floor-turn", "floor-gather", "redis"]


class Scenario:
    def __init__(self, name, title, programs=None, group="main", x=None, **load):
        self.name = name
        self.title = title
        self.programs = programs or EVERYBODY
        self.group = group
        self.x = x                # where it stands in a plot of its group
        self.load = {"length": 64, **load}

    def suits(self, program):
        return (self.load["clients"] <= program.most and
                self.load["length"] <= program.longest)


def fan(name, clients, senders, window=16, length=64, **more):
    lines = "line" if window == 1 else "lines"
    text = "sender" if senders == 1 else "senders"
    return Scenario(name, f"{clients:,} clients, {senders} {text}, {window} {lines} of {length} "
                    "bytes under way", clients=clients, senders=senders, window=window,
                    length=length, **more)


def main_scenarios():
    return [
        fan("n10-s1", 10, 1, programs=SOME),
        fan("n10-s10", 10, 10),
        fan("n10-s10-w1", 10, 10, window=1, programs=SOME),
        fan("n100-s1", 100, 1, programs=SOME),
        fan("n100-s4", 100, 4),
        fan("n100-s4-w1", 100, 4, window=1),
        fan("n100-s4-512", 100, 4, length=512),
        fan("n100-s10", 100, 10, programs=SOME),
        fan("n1000-s1", 1000, 1),
        fan("n1000-s10", 1000, 10, seconds=2),
        fan("n5000-s1", 5000, 1, warm=0.5, seconds=2),
        Scenario("light-100", "100 clients, 100 messages a second, paced",
                 clients=100, senders=10, rate=100, settle=2.5, seconds=2),
        Scenario("light-1000", "1,000 clients, 100 messages a second, paced",
                 clients=1000, senders=10, rate=100, settle=2.5, seconds=2),
        Scenario("storm", "1,000 clients come at once",
                 clients=1000, senders=0, burst=1, settle=2.5, warm=0, seconds=0.2),
        Scenario("idle", "10,000 clients, who come by the thousand, then idle", clients=10000,
                 senders=0, together=1000, settle=3, warm=0, seconds=3),
        Scenario("stalled", "100 clients, 4 senders, 16 lines of 64 bytes under way, "
                 "10 clients read nothing", clients=100, senders=4, window=16, stalled=10,
                 warm=3, seconds=2, programs=["chatd", "chatd-all-read", "floor-turn", "redis",
                                              "nats"]),
        fan("dialects-100", 100, 4, programs=["chatd", "chatd-crlf", "chatd-tagged",
                                              "floor-turn"]),
        fan("web-100", 100, 4, programs=["chatd", "chatd-web", "node-ws", "nats-web"]),
        fan("web-1000", 1000, 1, programs=["chatd", "chatd-web", "node-ws", "nats-web"]),
        Scenario("web-idle", "10,000 clients at browsers, idle", clients=10000, senders=0, settle=3,
                 warm=0, seconds=35, programs=["chatd-web"]),
        fan("dialects-1000", 1000, 10, programs=["chatd", "chatd-crlf", "chatd-tagged",
                                                 "floor-turn"]),
    ]


def growth_scenarios():
    """How the cost grows with the clients, with the lines under way, with their length."""
    by_clients = [fan(f"clients-{n}", n, 1, group="clients", x=n, programs=SOME)
                  for n in (10, 30, 100, 300, 1000, 3000, 5000, 9000)]
    by_window = [fan(f"window-{w}", 100, 1, window=w, group="window", x=w, programs=SOME)
                 for w in (1, 2, 4, 8, 16, 32, 64, 128)]
    by_length = [fan(f"length-{n}", 100, 1, length=n, group="length", x=n, programs=SOME)
                 for n in (32, 64, 128, 256, 512, 1000)]
    return by_clients + by_window + by_length


QUICK = ["n10-s10", "n100-s4", "n100-s4-w1", "n1000-s10", "light-100", "storm", "stalled"]
QUICK_PROGRAMS = ["chatd", "floor-line", "floor-turn", "floor-gather", "redis"]


def all_scenarios():
    return {s.name: s for s in main_scenarios() + growth_scenarios()}
