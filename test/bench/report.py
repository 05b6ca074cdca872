"""Makes tables of what was measured."""

import statistics


def by_round(record, scenario, program):
    """{round: run} of the runs that came to an end; round 0 is the one that counts system calls."""
    return {run["round"]: run for run in record["runs"]
            if run["scenario"] == scenario and run["program"] == program and
            "failed" not in run}


def value(run, key):
    for part in key.split("."):
        run = run.get(part) if isinstance(run, dict) else None
    return run


def median(record, scenario, program, key):
    values = [value(run, key) for number, run in by_round(record, scenario, program).items()
              if number > 0]
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def ratio(record, scenario, program, other, key="per_server_second"):
    """The median over the rounds of program's value to the other's in the same round."""
    mine, others = by_round(record, scenario, program), by_round(record, scenario, other)
    ratios = [value(mine[n], key) / value(others[n], key) for n in mine
              if n > 0 and n in others and value(mine[n], key) and value(others[n], key)]
    return statistics.median(ratios) if ratios else None


def faults(record, program):
    """Whether a line was lost, repeated, moved or damaged, or a client turned away, in any run."""
    kinds = ("lost", "repeated", "misordered", "damaged", "closed")
    return any("failed" in run or any(run[kind] for kind in kinds) or
               run["joined"] < run["clients"]
               for run in record["runs"]
               if run["program"].split("-")[0] == program)


def number(x, digits=3):
    """A number as short as it can be with so many digits."""
    if x is None:
        return ""
    if x == 0:
        return "0"
    for limit, divisor, unit in ((1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if abs(x) >= limit:
            return f"{x / divisor:.{digits}g}{unit}"
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.{digits}g}"


def mebibytes(x):
    return "" if x is None else f"{x / (1 << 20):.1f} M"


def times(x):
    return "" if x is None else f"{x:.2f}"


def fault_text(record, scenario, program):
    runs = [run for run in record["runs"]
            if run["scenario"] == scenario and run["program"] == program]
    notes = {}
    for run in runs:
        if "failed" in run:
            notes["failed"] = notes.get("failed", 0) + 1
            continue
        for kind in ("lost", "repeated", "misordered", "damaged", "closed"):
            if run[kind]:
                notes[kind] = notes.get(kind, 0) + run[kind]
        if run["joined"] < run["clients"]:
            notes["stranded"] = notes.get("stranded", 0) + run["clients"] - run["joined"]
    return ", ".join(f"{count} {kind}" for kind, count in notes.items()) or "none"


def syscalls(record, scenario, program):
    run = by_round(record, scenario, program).get(0)
    if not run or not run.get("syscalls") or not run.get("deliveries"):
        return None
    return run["syscalls"] / run["deliveries"]


def shown(heading, key, form=number):
    return heading, lambda r, s, p: form(median(r, s, p, key))


def beside(heading, other, key="per_server_second"):
    return heading, lambda r, s, p: times(ratio(r, s, p, other, key))


MEMORY = [shown("RSS", "rss", mebibytes), shown("B/client", "bytes_per_client")]

# As fast as it goes: the more the better.
SPEAKING = [
    shown("per s of CPU", "per_server_second"),
    beside("x turn", "floor-turn"),
    beside("x redis", "redis"),
    beside("x chatd", "chatd"),
    shown("per second", "per_second"),
    shown("p50 us", "latency_us.p50"),
    shown("p99 us", "latency_us.p99"),
    shown("p99.9 us", "latency_us.p999"),
    *MEMORY,
    ("calls/line", lambda r, s, p: number(syscalls(r, s, p))),
    ("faults", fault_text),
]

# So many lines a second: what is less is better, ratios too.
PACED = [
    shown("CPU us/line", "us_per_delivery"),
    beside("x turn", "floor-turn", "us_per_delivery"),
    shown("p50 us", "latency_us.p50"),
    beside("x turn", "floor-turn", "latency_us.p50"),
    shown("p99 us", "latency_us.p99"),
    beside("x turn", "floor-turn", "latency_us.p99"),
    shown("p99.9 us", "latency_us.p999"),
    *MEMORY,
    ("calls/line", lambda r, s, p: number(syscalls(r, s, p))),
    ("faults", fault_text),
]

SILENT = [
    shown("us/connect", "connect_us"),
    beside("x turn", "floor-turn", "connect_us"),
    shown("all in, s", "connect_seconds"),
    ("CPU ms after", lambda r, s, p: number((median(r, s, p, "server_seconds") or 0) * 1e3)),
    shown("wakes after", "wakes"),
    *MEMORY,
    ("faults", fault_text),
]


def columns_of(scenario):
    if scenario.load["senders"] == 0:
        return SILENT
    return PACED if "rate" in scenario.load else SPEAKING


def layout(rows):
    """Rows, the first being the headings, as a Markdown table, which is as readable as text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(row):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "| " + " | ".join(cells) + " |"

    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    return "\n".join([line(rows[0]), line(rule)] + [line(row) for row in rows[1:]])


def table(record, scenario):
    names = list(dict.fromkeys(run["program"] for run in record["runs"]
                               if run["scenario"] == scenario.name))
    columns = columns_of(scenario)
    rows = [[""] + [heading for heading, _ in columns]]
    rows += [[name] + [show(record, scenario.name, name) for _, show in columns]
             for name in names]
    return layout(rows)


def summary(record, catalogue):
    """chatd's deliveries per second of processor time, divided by everybody else's."""
    names = list(dict.fromkeys(run["program"] for run in record["runs"]
                               if run["program"] == "chatd-before" or
                               not run["program"].startswith("chatd")))
    rows = [["chatd beside"] + names]
    for scenario in catalogue.values():
        ratios = [times(ratio(record, scenario.name, "chatd", name)) for name in names]
        if any(ratios):
            rows.append([scenario.name] + ratios)
    return layout(rows)


def text(record, catalogue, aims):
    about = record["machine"]
    parts = [f"{about['date']}, Linux {about['kernel']}, {about['processors']}, "
             f"{about['congestion_control']}, {'pinned' if about['pinned'] else 'not pinned'}"]
    parts += [aims, summary(record, catalogue)]
    measured = {run["scenario"] for run in record["runs"]}
    for scenario in catalogue.values():
        if scenario.name in measured:
            parts.append(f"### {scenario.name}: {scenario.title}\n\n{table(record, scenario)}")
    return "\n\n".join(parts)
