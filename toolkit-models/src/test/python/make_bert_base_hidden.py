"""Writes the reference values of BertBaseGoldenTest: hidden states of BERT-base-uncased by Hugging Face transformers.

    python make_bert_base_hidden.py FOLDER > ../resources/golden/bert/bert-base-uncased-hidden.json

FOLDER is the model as imported (`lora4j models pull bert-base-uncased` prints its place). transformers reads its files with its own code:
the comparison covers tensor names, orientation, configuration and tokenizer. Of every layer's output (13 with the embeddings) twelve columns
of every token are written, of the last layer's first token and of the pooler all 768.
Made with torch 2.13.0, transformers 5.18, float32 on a CPU.
"""

import json
import sys

import torch
from transformers import AutoTokenizer, BertForMaskedLM, BertModel

COLUMNS = list(range(5, 768, 64))
TEXTS = [
    ("the capital of france is [MASK] .", None),
    ("Déjà vu: the same debate split the town in 1954, when floods carried off two piers and a bakery.", None),
    ("He said the foodservice pie business doesn't fit.", "The company's pie business, he said, does not fit the strategy."),
]

folder = sys.argv[1]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = BertModel.from_pretrained(folder).eval()
cases = []
for a, b in TEXTS:
    inputs = tokenizer(a, b, return_tensors="pt") if b else tokenizer(a, return_tensors="pt")
    with torch.no_grad():
        out = model(**inputs, output_hidden_states=True)
    cases.append(
        {
            "a": a,
            "b": b,
            "ids": inputs["input_ids"][0].tolist(),
            "types": inputs["token_type_ids"][0].tolist(),
            "layers": [[[round(v, 6) for v in row] for row in h[0][:, COLUMNS].tolist()] for h in out.hidden_states],
            "first": [round(v, 6) for v in out.last_hidden_state[0, 0].tolist()],
            "pooled": [round(v, 6) for v in out.pooler_output[0].tolist()],
        }
    )

masked = BertForMaskedLM.from_pretrained(folder).eval()
inputs = tokenizer(TEXTS[0][0], return_tensors="pt")
with torch.no_grad():
    logits = masked(**inputs).logits[0]
at = inputs["input_ids"][0].tolist().index(tokenizer.mask_token_id)
top = logits[at].softmax(-1).topk(5)
words = [[tokenizer.convert_ids_to_tokens(int(i)), int(i), round(float(p), 6)] for i, p in zip(top.indices, top.values)]
json.dump({"columns": COLUMNS, "cases": cases, "masked": words}, sys.stdout, ensure_ascii=False)
print()
