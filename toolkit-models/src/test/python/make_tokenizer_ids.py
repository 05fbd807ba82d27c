#!/usr/bin/env python3
"""Reference ids for TextTokenizerTest: golden/tokenizer/all-minilm-l6-v2.json, made with tokenizers 0.22.2.

Version 0.23 stops encoding a text once it has the maximum length and only then truncates: where both texts of a pair are that long it
no longer knows which one was longer, so the odd token can change sides. Everything else is the same.

usage: make_tokenizer_ids.py TOKENIZER_JSON   (all-minilm-l6-v2-tokenizer.json out of the Maven artifact's jar)
"""
import json
import os
import sys

from tokenizers import Tokenizer

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "golden", "tokenizer", "all-minilm-l6-v2.json")
WORDS = "the quick brown foxes jumped over seventeen lazily sleeping dogs near antidisestablishmentarianism headquarters in reykjavik".split()
SINGLES = [
    "Hello, world!",
    "",
    "   ",
    "The sailors rode the breeze clear of the rocks.",
    "Ünïcödé déjà vu, naïve façade — “quotes” … €5",
    "中文字符 and 日本語 mixed",
    "emoji \U0001f600 and family \U0001f468\u200d\U0001f469\u200d\U0001f467 and flag \U0001f1e9\U0001f1ea",
    "tab\tnewline\nnull\u0000 bell\u0007 zero\u200bwidth \ufeffbom \ufffd",
    "literal [SEP] and [CLS] and [MASK] and [UNK] in the text",
    "supercalifragilisticexpialidocious",
    "x" * 120,
    "don't can't 3.14 1,000,000 a/b c_d e@f.org",
    "\u0130stanbul ﬁne ½ ① Ⅷ",
    " ".join(WORDS * 20),
]
PAIRS = [
    ["A short one.", "And its partner."],
    [" ".join(WORDS * 3), "Short."],
    ["Short.", " ".join(WORDS * 3)],
    [" ".join(WORDS[:8]), " ".join(WORDS[4:12])],
    [" ".join(WORDS), " ".join(WORDS)],
    ["", "Only a second text"],
    ["Only a first text", ""],
    ["literal [SEP] here", "and [SEP] there"],
]
LENGTHS = [5, 6, 7, 8, 11, 12, 16, 17, 31, 32, 64, 128, 512]


def main(path):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    cases = []
    for length in LENGTHS:
        tokenizer.enable_truncation(length, strategy="longest_first", direction="right")
        for a, b in [[s, None] for s in SINGLES] + PAIRS:
            e = tokenizer.encode(a) if b is None else tokenizer.encode(a, b)
            cases.append({"a": a, "b": b, "maxLength": length, "ids": e.ids, "typeIds": e.type_ids})
    with open(OUT, "w") as out:
        json.dump(cases, out, separators=(",", ":"))
        out.write("\n")
    print(len(cases), "cases")


main(sys.argv[1])
