#!/usr/bin/env python3
"""Loss traces of DoRA on the tiny BERT of this module's test resources, computed by torch and PEFT in float64.

Usage: python make_dora_traces.py   (needs torch, transformers, peft, safetensors; writes dora_traces.json there)
Batch, factors, rank, alpha and rate are those of training_traces.json and init_*.safetensors.
"""
import json, os, warnings

import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file
from transformers import BertForSequenceClassification

warnings.filterwarnings("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/golden/peft_fixture")
KNOWN = json.load(open(f"{HERE}/training_traces.json"))
BATCH = {key: torch.tensor(value) for key, value in KNOWN["batch"].items()}
RANK, ALPHA, RATE, STEPS = KNOWN["r"], KNOWN["alpha"], KNOWN["lr"], 20


def model(init):
    base = BertForSequenceClassification.from_pretrained(f"{HERE}/tiny_bert_base", attn_implementation="eager").double().eval()
    adapted = get_peft_model(base, LoraConfig(task_type=TaskType.SEQ_CLS, r=RANK, lora_alpha=ALPHA, use_rslora=True,
                                             use_dora=True, target_modules=KNOWN["target_modules"])).double().eval()
    factors = load_file(f"{HERE}/init_{init}_f64.safetensors")
    for name in sorted({key[:-2] for key in factors}):
        layer = adapted.get_submodule("base_model.model." + name)
        a, b = factors[name + ".A"], factors[name + ".B"]
        layer.lora_A["default"].weight.data = a
        layer.lora_B["default"].weight.data = b
        norm = torch.linalg.norm(layer.base_layer.weight.data + KNOWN["scaling"] * b @ a, dim=1)
        layer.lora_magnitude_vector["default"].weight.data = norm
    return adapted


def trace(init):
    adapted = model(init)
    optimizer = torch.optim.AdamW([p for p in adapted.parameters() if p.requires_grad], lr=RATE, weight_decay=0.0)
    losses = []
    for step in range(STEPS + 1):
        optimizer.zero_grad()
        loss = adapted(**BATCH).loss
        losses.append(float(loss))
        loss.backward()
        if step == 0:
            gradients = {name: p.grad.tolist() for name, p in adapted.named_parameters()
                         if p.grad is not None and "layer.0.attention.self.query" in name}
        optimizer.step()
    return dict(loss=losses, first_gradients=gradients)


result = {init: trace(init) for init in ("lora", "lora_one")}
json.dump(result, open(f"{HERE}/dora_traces.json", "w"), indent=1)
for init, values in result.items():
    print(init, [round(loss, 5) for loss in values["loss"]])
