#!/usr/bin/env python3
"""Loads the adapters that PeftAdapterWriterTest and PeftGoldenTest wrote with PEFT itself, and compares PEFT's outputs with the Java model's.

Run from the module's folder after the tests, with peft 0.21.0, transformers 5.18.0, torch 2.13.0:  check_peft_adapter.py
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
# What PEFT wrote, was read here and written back: the same logits as before.
golden = "src/test/resources/golden/peft_fixture"
with open(os.path.join(golden, "expected.json")) as f:
    known = json.load(f)
for folder in sorted(glob.glob("target/peft-check-golden/*")):
    name = os.path.basename(folder)
    expected = known[name if name in known else "tiny_bert_qv_r4"]
    model = PeftModel.from_pretrained(BertForSequenceClassification.from_pretrained(BASE), folder).eval()
    inputs = {k: torch.tensor(expected[k]) for k in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        difference = (model(**inputs).logits - torch.tensor(expected["logits"])).abs().max().item()
    print(f"{folder}: {difference:.2e} (written back)")
    folders.append(folder)
    worst = max(worst, difference)
if not folders or worst > 2e-6:
    sys.exit(f"{len(folders)} adapters, largest difference {worst}")
