"""Markdown tables of measurements: one row per file; medians over rounds of a round's median step (best step in brackets)."""
import json
import os
import statistics
import sys

SIDES = ("OPENBLAS", "MKL", "pytorch")


def read(path):
    sides = {side: [] for side in SIDES}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            sides["pytorch" if one["peer"] == "pytorch" else one["blas"]].append(one)
    return sides


def time(rounds):
    if not rounds:
        return "-"
    median = statistics.median(r["ms_median"] for r in rounds)
    return f"{median:,.0f} ({min(r['ms_min'] for r in rounds):,.0f})"


def times_as_fast(ours, theirs):
    if not ours:
        return "-"
    pairs = [t["ms_median"] / o["ms_median"] for o, t in zip(ours, theirs)]
    ratio = statistics.median(t["ms_median"] for t in theirs) / statistics.median(o["ms_median"] for o in ours)
    return f"**{ratio:.2f}** ({min(pairs):.2f} to {max(pairs):.2f})"


def main(paths):
    print("| | rounds | OpenBLAS ms | MKL ms | PyTorch ms | OpenBLAS | MKL | peak MB: OpenBLAS, MKL, PyTorch | others |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for path in paths:
        sides = read(path)
        model, length, mode, targets = os.path.basename(path)[: -len(".jsonl")].rsplit("-", 3)
        name = f"{model}, {length}, {mode}" + (f" {targets}" if mode == "lora" else "")
        peer = sides["pytorch"]
        peaks = ", ".join(f"{max((r['rss_peak_mb'] for r in sides[s]), default=0):,}" for s in SIDES)
        others = max(r.get("other_cpu") or 0 for rounds in sides.values() for r in rounds)
        cells = [name, len(peer)] + [time(sides[s]) for s in SIDES]
        cells += [times_as_fast(sides[s], peer) for s in SIDES[:2]] + [peaks, others]
        print("| " + " | ".join(str(c) for c in cells) + " |")


main(sys.argv[1:])
