"""What chatd aims at (docs/benchmarks.md), as a table beside what was measured."""

from report import faults, layout, mebibytes, median, number, ratio

AT_LEAST, AT_MOST = "at least", "at most"
FULL_SPEED = ["n10-s1", "n10-s10", "n10-s10-w1", "n100-s1", "n100-s4", "n100-s4-w1",
              "n100-s4-512", "n100-s10", "n1000-s1", "n1000-s10", "n5000-s1"]
LIGHT = ["light-100", "light-1000"]


class Aim:
    def __init__(self, what, bound, aim, measured, form="{:.2f}".format):
        self.what = what
        self.bound = bound        # AT_LEAST or AT_MOST
        self.aim = aim
        self.measured = measured  # of a record: a number, or None
        self.form = form          # makes a text of it

    def row(self, record):
        """Cells, or None where it was not measured."""
        got = self.measured(record)
        if got is None:
            return None
        met = got >= self.aim if self.bound == AT_LEAST else got <= self.aim
        return [self.what, f"{self.bound} {self.form(self.aim)}", self.form(got),
                "yes" if met else "no"]


def beside(scenario, other, aim, program="chatd", key="per_server_second", what=None):
    name = "" if program == "chatd" else f"{program}, "
    return Aim(what or f"{scenario}: {name}beside {other}", AT_LEAST, aim,
               lambda record: ratio(record, scenario, program, other, key))


def cost_beside_floor(scenario, what, key, aim):
    return Aim(f"{scenario}: {what} beside floor-turn", AT_MOST, aim,
               lambda record: ratio(record, scenario, "chatd", "floor-turn", key))


def absolute(scenario, what, key, aim, form, program="chatd"):
    return Aim(f"{scenario}: {what}", AT_MOST, aim,
               lambda record: median(record, scenario, program, key), form)


def microseconds(x):
    return f"{x:.0f} us"


def growth(record, program):
    costs = [median(record, f"clients-{n}", program, "us_per_delivery") for n in (10, 5000)]
    return costs[1] / costs[0] if all(costs) else None


def growth_beside_floor(record):
    ours, floors = growth(record, "chatd"), growth(record, "floor-turn")
    return ours / floors if ours and floors else None


def least(ratios):
    return min((r for r in ratios if r), default=None)


def peers(record):
    """The least that chatd delivers beside any peer, at full speed."""
    names = {run["program"] for run in record["runs"]
             if not run["program"].startswith(("chatd", "floor"))}
    return least(ratio(record, scenario, "chatd", name)
                 for name in names for scenario in FULL_SPEED)


def least_beside_before(record):
    return least(ratio(record, scenario, "chatd", "chatd-before")
                 for scenario in FULL_SPEED + LIGHT)


def faulty(record):
    return int(faults(record, "chatd"))


LATENCY = [("median latency", "latency_us.p50"), ("p99 latency", "latency_us.p99")]
AIMS = (
    [beside(*row) for row in (
        ("n10-s10", "floor-turn", 0.9), ("n100-s4", "floor-turn", 0.95),
        ("n100-s4-512", "floor-turn", 0.95), ("n1000-s1", "floor-turn", 0.95),
        ("n5000-s1", "floor-turn", 0.95), ("n100-s4-w1", "floor-turn", 1.3),
        ("n1000-s10", "floor-turn", 1.5),
        ("n10-s10", "redis", 1.1), ("n100-s4", "redis", 1.7), ("n100-s4-w1", "redis", 1.3),
        ("n1000-s1", "redis", 2), ("n100-s4-512", "redis", 2), ("n5000-s1", "redis", 3),
        ("n1000-s10", "redis", 6))]
    + [Aim("full speed: the least beside any peer", AT_LEAST, 1, peers),
       Aim("the least beside chatd-before", AT_LEAST, 0.98, least_beside_before)]
    + [cost_beside_floor(scenario, *row) for scenario in LIGHT
       for row in [("CPU", "us_per_delivery", 1.05)] + [(*row, 1.1) for row in LATENCY]]
    + [absolute("storm", "CPU for a connect", "connect_us", 40, microseconds),
       absolute("idle", "CPU for a connect", "connect_us", 40, microseconds),
       absolute("idle", "RSS with 10,000", "rss", 5 << 20, mebibytes),
       absolute("idle", "CPU in 3 s", "server_seconds", 0, "{:.3f} s".format),
       absolute("idle", "wake-ups in 3 s", "wakes", 0, number),
       beside("stalled", "chatd-all-read", 0.95),
       beside("stalled", "chatd-all-read", 0.95, key="per_second",
              what="stalled: deliveries a second beside chatd-all-read"),
       absolute("stalled", "RSS", "rss_peak", 8 << 20, mebibytes)]
    + [beside(scenario, "chatd", 0.7, program=program)
       for scenario in ("dialects-100", "dialects-1000")
       for program in ("chatd-crlf", "chatd-tagged")]
    + [beside(scenario, other, aim, program="chatd-web")
       for scenario in ("web-100", "web-1000")
       for other, aim in (("chatd", 0.9), ("node-ws", 3), ("nats-web", 2))]
    + [absolute("web-1000", "CPU for a connect", "connect_us", 60, microseconds, "chatd-web"),
       absolute("web-idle", "RSS with 10,000", "rss", 6 << 20, mebibytes, "chatd-web"),
       absolute("web-idle", "wake-ups in 35 s", "wakes", 4 * 35, number, "chatd-web")]
    + [Aim("a delivery, from 10 to 5,000 clients: growth beside floor-turn's", AT_MOST, 1,
           growth_beside_floor),
       Aim("runs with lines lost, repeated, moved, damaged", AT_MOST, 0, faulty, number)]
)


def table(record):
    rows = [row for row in (aim.row(record) for aim in AIMS) if row]
    return layout([["what", "aim", "measured", "met"]] + rows)
