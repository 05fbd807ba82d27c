#!/usr/bin/env python3
"""Loads the adapters that PeftAdapterWriterTest wrote with PEFT itself, and compares PEFT's outputs with the Java model's.

Run from the module's folder after the test, with peft 0.21.0, transformers 5.18.0, torch 2.13.0:  check_peft_adapter.py
Prints the largest difference of the class probabilities per adapter and fails above 2e-6.
"""
import glob
import json
import os
import sys

import torch
from peft import PeftModel
from transformers import BertForSequenceClassification

BASE = "src/test/resources/golden/peft_fixture/tiny_bert_base"
worst = 0.0
folders = sorted(glob.glob("target/peft-check/*"))
for folder in folders:
    with open(os.path.join(folder, "lora4j_outputs.json")) as f:
        outputs = json.load(f)
    model = PeftModel.from_pretrained(BertForSequenceClassification.from_pretrained(BASE), folder).eval()
    inputs = {k: torch.tensor(outputs[k]) for k in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        probabilities = model(**inputs).logits.softmax(-1)
        merged = model.merge_and_unload()(**inputs).logits.softmax(-1)
    expected = torch.tensor(outputs["probabilities"])
    difference = max((probabilities - expected).abs().max().item(), (merged - expected).abs().max().item())
    print(f"{folder}: {difference:.2e}, probabilities {probabilities.tolist()}")
    worst = max(worst, difference)
if not folders or worst > 2e-6:
    sys.exit(f"{len(folders)} adapters, largest difference {worst}")
