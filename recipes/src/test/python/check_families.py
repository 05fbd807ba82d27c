#!/usr/bin/env python3
"""Loads what EveryFamilyTest has left in target/family-check with transformers and PEFT, and compares class probabilities.

Run from the module's folder after the test, with peft 0.21.0, transformers 5.18.0, torch 2.13.0:  check_families.py
For every family and method: the adapter on the untouched base, and the merged Hugging Face folder. Fails above 2e-6.
"""
import glob, json, os, sys, warnings

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

warnings.filterwarnings("ignore")
worst, folders = 0.0, sorted(glob.glob("target/family-check/*"))
for folder in folders:
    with open(os.path.join(folder, "check.json")) as f:
        check = json.load(f)
    base = AutoModelForSequenceClassification.from_pretrained(check["base"], num_labels=2, ignore_mismatched_sizes=True)
    models = dict(peft=PeftModel.from_pretrained(base, os.path.join(folder, "peft")).eval(),
                  merged=AutoModelForSequenceClassification.from_pretrained(os.path.join(folder, "hf")).eval())
    for name, model in models.items():
        difference = 0.0
        for case in check["cases"]:
            ids = torch.tensor([case["input_ids"]])
            given = dict(input_ids=ids, attention_mask=torch.ones_like(ids))
            if model.config.model_type in ("bert", "electra"):
                given["token_type_ids"] = torch.tensor([case["token_type_ids"]])
            with torch.no_grad():
                probabilities = model(**given).logits.softmax(-1)[0]
            difference = max(difference, (probabilities - torch.tensor(case["probabilities"])).abs().max().item())
        print(f"{folder} {name}: {type(model).__name__} {difference:.2e}")
        worst = max(worst, difference)
if len(folders) < 10 or worst > 2e-6:
    sys.exit(f"{len(folders)} folders, largest difference {worst}")
