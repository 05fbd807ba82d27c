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


LABELS = {"OPENBLAS": "OpenBLAS", "MKL": "MKL", "pytorch": "PyTorch"}


def main(paths):
    cells = {path: read(path) for path in paths}
    sides_there = [s for s in SIDES if any(cell[s] for cell in cells.values())]
    labels = [LABELS[s] for s in sides_there]
    heads = ["", "rounds"] + [f"{label} ms" for label in labels] + labels[:-1]
    heads += ["peak MB: " + ", ".join(labels), "others"]
    print("| " + " | ".join(heads) + " |")
    print("| --- |" + " ---: |" * (len(heads) - 1))
    for path, sides in cells.items():
        model, length, mode, targets = os.path.basename(path)[: -len(".jsonl")].rsplit("-", 3)
        name = f"{model}, {length}, {mode}" + (f" {targets}" if mode == "lora" else "")
        peer = sides["pytorch"]
        peaks = ", ".join(f"{max((r['rss_peak_mb'] for r in sides[s]), default=0):,}" for s in sides_there)
        others = max(r.get("other_cpu") or 0 for rounds in sides.values() for r in rounds)
        row = [name, len(peer)] + [time(sides[s]) for s in sides_there]
        row += [times_as_fast(sides[s], peer) for s in sides_there[:-1]] + [peaks, others]
        print("| " + " | ".join(str(c) for c in row) + " |")


main(sys.argv[1:])
