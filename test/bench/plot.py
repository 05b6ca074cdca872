"""Makes plots (SVG) of what was measured."""

import math

import report

COLOURS = {
    "chatd": "#c2185b", "floor-gather": "#1b5e20", "floor-turn": "#388e3c",
    "floor-batch": "#7cb342", "floor-line": "#9e9d24", "redis": "#1565c0", "nats": "#00838f",
    "mosquitto": "#6a1b9a", "ngircd": "#5d4037", "inspircd": "#ef6c00", "ncat": "#616161",
    "chatd-crlf": "#e57373", "chatd-tagged": "#ad1457", "chatd-all-read": "#f06292",
}
WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 40, 50


def short(x):
    """An axis label."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if x >= limit:
            return f"{x / limit:g}{unit}"
    return f"{x:g}"


class Axis:
    """A logarithmic axis from the values it must show to a range of pixels."""

    def __init__(self, values, start, end):
        self.low, self.high = min(values), max(values)
        if self.low == self.high:
            self.low, self.high = self.low / 2, self.high * 2
        self.start, self.end = start, end

    def at(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        exponent = math.floor(math.log10(self.low))
        while 10 ** exponent <= self.high:
            for digit in (1, 2, 5):
                tick = digit * 10 ** exponent
                if self.low * 0.999 <= tick <= self.high * 1.001:
                    yield tick
            exponent += 1


def text(x, y, words, anchor="middle", colour="#333", size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="{size}">{words}</text>')


def spread(wanted, gap):
    """Moves labels apart so that none hides another: {name: y} -> {name: y}."""
    placed, last = {}, -math.inf
    for name in sorted(wanted, key=wanted.get):
        last = max(wanted[name], last + gap)
        placed[name] = last
    return placed


def curves(title, x_title, y_title, series):
    """series: {name: [(x, y)]}. Both axes logarithmic."""
    points = [point for line in series.values() for point in line]
    x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    y_axis = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [text(LEFT, 22, title, "start", size=15)]
    for tick in x_axis.ticks():
        x = x_axis.at(tick)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(text(x, HEIGHT - BOTTOM + 18, short(tick)))
    for tick in y_axis.ticks():
        y = y_axis.at(tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, short(tick), "end"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title))
    parts.append(f'<g transform="rotate(-90 16 {HEIGHT / 2})">'
                 + text(16, HEIGHT / 2, y_title) + "</g>")
    labels = spread({name: y_axis.at(line[-1][1]) for name, line in series.items()}, 14)
    for name, line in series.items():
        colour = COLOURS.get(name, "#333")
        path = "L".join(f"{x_axis.at(x):.1f} {y_axis.at(y):.1f}" for x, y in line)
        width = 2.5 if name == "chatd" else 1.5
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(text(WIDTH - RIGHT + 8, labels[name] + 4, name, "start", colour))
    return document(parts, HEIGHT)


def bars(title, groups, unit="", mark=True):
    """groups: {heading: {name: value}}: horizontal bars; mark: 1 is the line to compare with."""
    rows = sum(len(names) + 1.6 for names in groups.values())
    height, y = TOP + rows * 16 + 20, TOP + 4
    most = max(value for names in groups.values() for value in names.values())
    scale = (WIDTH - 190 - 80) / most
    parts = [text(20, 22, title, "start", size=15)]
    for heading, names in groups.items():
        y += 18
        parts.append(text(20, y, heading, "start", "#000"))
        for name, value in names.items():
            y += 16
            colour = COLOURS.get(name, "#333")
            parts.append(text(182, y, name, "end", colour))
            parts.append(f'<rect x="190" y="{y - 10:.1f}" width="{value * scale:.1f}" height="12" '
                         f'fill="{colour}"/>')
            parts.append(text(194 + value * scale, y, f"{value:.2f}{unit}", "start"))
        y += 8
    if mark:
        parts.append(f'<path d="M{190 + scale:.1f} {TOP}V{height - 16:.1f}" stroke="#999" '
                     'stroke-dasharray="3"/>')
    return document(parts, height)


def document(parts, height):
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n'
            f'{body}\n</svg>\n')


GROWTH = [
    ("clients", "CPU time of the server for one delivery, 1 sender, 16 lines under way",
     "clients"),
    ("window", "CPU time of the server for one delivery, 100 clients, 1 sender",
     "lines under way"),
    ("length", "CPU time of the server for one delivery, 100 clients, 16 lines under way",
     "bytes of a message"),
]


def growth(record, catalogue, group):
    series = {}
    for scenario in catalogue.values():
        if scenario.group != group:
            continue
        for name in scenario.programs:
            y = report.median(record, scenario.name, name, "us_per_delivery")
            if y:
                series.setdefault(name, []).append((scenario.x, y))
    return series


# What an operator might compare: a small room, a middling one, a large one.
PEERS = ["chatd", "ngircd", "inspircd", "ncat", "redis", "nats", "mosquitto"]
SHOWN = ["n10-s10", "n100-s4", "n1000-s1"]


def peers(record, catalogue):
    """{title: {program: millions of deliveries for a second of its processor time}}"""
    groups = {}
    for name in SHOWN:
        values = {peer: report.median(record, name, peer, "per_server_second") for peer in PEERS}
        values = {peer: value / 1e6 for peer, value in values.items() if value}
        if len(values) > 1:
            groups[catalogue[name].title] = values
    return groups


def write_all(record, catalogue, prefix):
    for group, title, x_title in GROWTH:
        series = growth(record, catalogue, group)
        if series:
            write(prefix + group, curves(title, x_title, "microseconds", series))
    groups = {}
    for scenario in catalogue.values():
        if scenario.group != "main" or not scenario.load["senders"]:
            continue
        names = {name: report.ratio(record, scenario.name, name, "floor-turn")
                 for name in scenario.programs}
        names = {name: value for name, value in names.items() if value}
        if names:
            groups[scenario.title] = names
    among = peers(record, catalogue)
    if among:
        write(prefix + "peers", bars("Deliveries for a second of the server's processor time",
                                     among, " M", mark=False))
    if groups:
        write(prefix + "main", bars("Deliveries per second of server CPU, turn floor = 1", groups))


def write(path, svg):
    with open(path + ".svg", "w", encoding="utf-8") as file:
        file.write(svg)
