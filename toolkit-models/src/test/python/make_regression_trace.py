#!/usr/bin/env python3
"""Five steps of LoRA with a regression head on the tiny BERT of this module's test resources, by torch and PEFT in float64.

Usage: python make_regression_trace.py   (needs torch, transformers, peft, safetensors; writes regression_trace.json there)
The head has one output and the loss is MSELoss on raw scores, as transformers' run_glue.py trains STS-B (num_labels 1). Texts, factors, rank,
alpha and rate are those of training_traces.json and init_lora_f64.safetensors; the head is the checkpoint's first row; the scores are made up.
"""
import json, os, warnings

import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification

warnings.filterwarnings("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/golden/peft_fixture")
KNOWN = json.load(open(f"{HERE}/training_traces.json"))
SCORES = [0.0, 5.0, 2.5, 3.8, 1.25, 4.4, 0.6, 3.0]
BATCH = {key: torch.tensor(value) for key, value in KNOWN["batch"].items() if key != "labels"}
BATCH["labels"] = torch.tensor(SCORES, dtype=torch.float64)
STEPS = 5


def base():
    config = BertConfig.from_pretrained(f"{HERE}/tiny_bert_base", num_labels=1, attn_implementation="eager")
    model = BertForSequenceClassification(config)
    tensors = load_file(f"{HERE}/tiny_bert_base/model.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name] = tensors[name][:1]
    left = model.load_state_dict(tensors, strict=False)
    assert not left.unexpected_keys and all("position_ids" in key for key in left.missing_keys), left
    return model.double().eval()


plain = base()
out = plain(**BATCH)
assert abs(float(out.loss) - float(((out.logits[:, 0] - BATCH["labels"]) ** 2).mean())) < 1e-12
out.loss.backward()
targets = KNOWN["target_modules"]
gradients = {name: p.grad.tolist() for name, p in plain.named_parameters()
             if name.endswith(".weight") and name.split(".")[-2] in targets}

model = get_peft_model(base(), LoraConfig(task_type=TaskType.SEQ_CLS, r=KNOWN["r"], lora_alpha=KNOWN["alpha"],
                                          use_rslora=True, target_modules=targets)).double().eval()
factors = load_file(f"{HERE}/init_lora_f64.safetensors")
for name in sorted({key[:-2] for key in factors}):
    layer = model.get_submodule("base_model.model." + name)
    layer.lora_A["default"].weight.data = factors[name + ".A"]
    layer.lora_B["default"].weight.data = factors[name + ".B"]
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=KNOWN["lr"], weight_decay=0.0)
losses, first = [], {}
for step in range(STEPS + 1):
    optimizer.zero_grad()
    out = model(**BATCH)
    losses.append(float(out.loss))
    if step == STEPS:
        break
    out.loss.backward()
    if step == 0:
        first = {name.replace("base_model.model.", ""): p.grad.tolist() for name, p in model.named_parameters()
                 if p.grad is not None and ("classifier" in name or "layer.0.attention.self.query" in name)}
    optimizer.step()
result = dict(scores=SCORES, logits0=plain(**BATCH).logits[:, 0].tolist(), loss=losses, logits=out.logits[:, 0].tolist(),
              first_gradients=first, full_gradients=gradients)
json.dump(result, open(f"{HERE}/regression_trace.json", "w"), indent=1)
print([round(loss, 6) for loss in losses], {name: len(value) for name, value in first.items()}, list(gradients))
