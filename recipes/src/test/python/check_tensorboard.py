#!/usr/bin/env python3
"""Reads the event files that EventFileTest wrote with TensorBoard itself, and compares every value; the second replaces the first.

Run from the module's folder after the tests, with tensorboard 2.21.0:  check_tensorboard.py [RUN_DIRECTORY]
With a run directory of `lora4j run --tensorboard` it also compares every trial's events with its metrics.jsonl.
"""
import glob
import json
import os
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def scalars(folder):
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    return {tag: {e.step: e.value for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


expected = {
    "train/loss": {step: float32(1.0 / step) for step in range(1, 201)},
    "dev/accuracy": {step: step / 256 for step in range(50, 201, 50)},
    "dev/matthews": {step: -step / 512 for step in range(50, 201, 50)},
}
found = scalars("target/tensorboard-check")
if found != expected:
    sys.exit(f"TensorBoard reads {found}")
print("the files of EventFileTest:", {tag: len(points) for tag, points in found.items()}, "points, all equal")

for run in sys.argv[1:]:
    trials = sorted(glob.glob(os.path.join(run, "trials", "*")))
    if not trials:
        sys.exit(f"{run} has no trials")
    for trial in trials:
        expected = {}
        with open(os.path.join(trial, "metrics.jsonl")) as lines:
            for line in map(json.loads, lines):
                group = "dev" if "eval" in line else "train"
                keys = ("accuracy", "f1", "matthews", "loss") if group == "dev" else ("loss", "learning_rate", "grad_norm")
                for key in keys:
                    expected.setdefault(f"{group}/{key}", {})[line["step"]] = float32(line[key])
        found = scalars(trial)
        if found != expected:
            sys.exit(f"{trial}: TensorBoard reads {found}, metrics.jsonl says {expected}")
        print(os.path.basename(trial), {tag: len(points) for tag, points in found.items()}, "points, all equal")
