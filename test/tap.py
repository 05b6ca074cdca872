"""What scripts that look at the tree report, in TAP."""


def report(checks):
    """Prints checks, each a name and its problems as texts; returns the exit status."""
    print(f"1..{len(checks)}")
    failed = False
    for number, (name, problems) in enumerate(checks, 1):
        problems = list(problems)
        print(f"{'not ' if problems else ''}ok {number} - {name}")
        for problem in problems:
            print(f"# {problem}")
        failed |= bool(problems)
    return int(failed)
