#!/usr/bin/env python3
"""What Python's safetensors reads out of the test resources: golden/safetensors/values.json, and half-precision samples beside it.

Made with safetensors 0.8.0, numpy 2.4.6, torch 2.13.0. Run from this folder.
"""
import json
import os

import torch
from safetensors import safe_open
from safetensors.torch import save_file

RESOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "golden")
FILES = [
    "peft_fixture/tiny_bert_base/model.safetensors",
    "peft_fixture/tiny_bert_qv_r4/adapter_model.safetensors",
    "peft_fixture/tiny_bert_full_gradient_f64.safetensors",
    "safetensors/types.safetensors",
]


def types_sample():
    base = torch.tensor([[0.0, -0.0, 1.0, -2.5], [65504.0, 6.1e-5, 5.96e-8, 0.33325195]])
    save_file(
        {
            "f16": base.half(),
            "bf16": base.bfloat16(),
            "f32": base,
            "f64": base.double() / 3,
            "i64": torch.tensor([-(2**40), 2**40]),
            "u8": torch.tensor([0, 255], dtype=torch.uint8),
            "scalar": torch.tensor(2.5),
            "empty": torch.zeros(0, 3),
        },
        os.path.join(RESOURCES, "safetensors", "types.safetensors"),
        metadata={"format": "pt", "made by": "test"},
    )


def describe(path):
    with safe_open(os.path.join(RESOURCES, path), "pt") as f:
        tensors = {}
        for name in f.keys():
            t = f.get_tensor(name)
            tensors[name] = {"dtype": f.get_slice(name).get_dtype(), "shape": list(t.shape), "values": t.double().flatten().tolist()[:40], "sum": float(t.double().sum())}
        return {"metadata": f.metadata() or {}, "tensors": tensors}


types_sample()
with open(os.path.join(RESOURCES, "safetensors", "values.json"), "w") as out:
    json.dump({path: describe(path) for path in FILES}, out)
    out.write("\n")
