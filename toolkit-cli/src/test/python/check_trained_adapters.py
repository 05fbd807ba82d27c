#!/usr/bin/env python3
"""Loads every adapter of a run with PEFT over the untouched base, and compares its logits with those of `lora4j predict`.

From the repository's root, with peft 0.21.0, transformers 5.18.0 and torch 2.13.0:

  ./lora4j run recipes/methods/all.yaml model.pooling=cls train.steps=20 --output RUN
  python toolkit-cli/src/test/python/check_trained_adapters.py RUN BASE_FOLDER

BASE_FOLDER is the base as a Hugging Face folder (`./lora4j models show NAME` says where it is). Prints the largest difference of
log-probabilities, or of numbers where the adapters are of a regression (recipes/glue/stsb.yaml), per adapter and fails above 1e-4.
"""
import glob
import json
import os
import subprocess
import sys
import warnings

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer, logging

warnings.filterwarnings("ignore")
logging.set_verbosity_error()
TEXTS = [
    "a film of great charm",
    "dull",
    "the plot is thin, the cast is fine, and the ending, if one may call it that, comes an hour too late",
    "Not bad at all!",
]
run, base = sys.argv[1:3]
folders = sorted(glob.glob(os.path.join(run, "trials", "*", "adapter")))
tokenizer = AutoTokenizer.from_pretrained(base)
worst = 0.0
for folder in folders:
    output = subprocess.run(["./lora4j", "predict", folder, "--json", *TEXTS], check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    regression = "score" in rows[0]
    ours = torch.tensor([[row["score"]] if regression else list(row["probabilities"].values()) for row in rows], dtype=torch.float64)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=ours.shape[1])
    model = PeftModel.from_pretrained(model, folder).eval()
    with torch.no_grad():
        theirs = model(**tokenizer(TEXTS, padding=True, return_tensors="pt")).logits.double()
    difference = (ours - theirs if regression else ours.log() - theirs.log_softmax(-1)).abs().max().item()
    worst = max(worst, difference)
    print(f"{difference:.1e}  rank {json.load(open(os.path.join(folder, 'adapter_config.json')))['r']:3d}  {folder}", flush=True)
print(f"{len(folders)} adapters, largest difference {worst:.1e}")
if not folders or worst > 1e-4:
    sys.exit(1)
