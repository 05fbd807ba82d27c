#!/usr/bin/env python3
"""Shape, sum and some values of every weight of all-MiniLM-L6-v2: golden/onnx/all-minilm-l6-v2-tensors.json, made with onnx 1.23.1, numpy 2.4.6.

Independent of the Java importer's way of naming: a weight's role is read off its node's name (/encoder/layer.0/attention/self/query/MatMul).

usage: make_minilm_tensors.py ONNX_FILE   (all-minilm-l6-v2.onnx out of the Maven artifact's jar)
"""
import json
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "golden", "onnx", "all-minilm-l6-v2-tensors.json")


def main(path):
    graph = onnx.load(path).graph
    stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    tensors = {n: a for n, a in stored.items() if not n.startswith("onnx::") and not n.endswith("position_ids")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            tensors[node.name[1:].removesuffix("/MatMul").replace("/", ".") + ".weight"] = stored[node.input[1]].T
    result = {}
    for name, a in sorted(tensors.items()):
        flat = np.ascontiguousarray(a).reshape(-1).astype(np.float64)
        picks = [0, 1, len(flat) // 3, len(flat) - 1]
        result[name] = {"shape": list(a.shape), "sum": float(flat.sum()), "at": picks, "values": [float(flat[i]) for i in picks]}
    with open(OUT, "w") as out:
        json.dump(result, out, separators=(",", ":"))
        out.write("\n")
    print(len(result))


main(sys.argv[1])
